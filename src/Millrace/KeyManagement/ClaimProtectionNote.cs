namespace Millrace.KeyManagement;

/// <summary>The content of an event about the replacement of plain claims. It contains no value.</summary>
/// <param name="Id">The id of the operation.</param>
/// <param name="Scope">The scope.</param>
internal sealed record ClaimProtectionNote(Guid Id, string Scope)
{
    public string? By { get; init; }

    public string? Reason { get; init; }

    /// <summary>Gets the number of claims that the last call replaced; null until the end.</summary>
    public long? Replaced { get; init; }

    /// <summary>Gets the number of claims that are still plain; null until the end.</summary>
    public long? Remaining { get; init; }
}
