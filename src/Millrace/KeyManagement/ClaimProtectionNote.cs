namespace Millrace.KeyManagement;

/// <summary>The content of an event about the replacement of plain claims. It contains no value.</summary>
/// <param name="Id">The id of the operation.</param>
/// <param name="Scope">The scope.</param>
internal sealed record ClaimProtectionNote(Guid Id, string Scope)
{
    public string? By { get; init; }

    public string? Reason { get; init; }

    /// <summary>
    /// Gets the number of plain values in the form of a hash that must be replaced first, while the scope has no hash;
    /// null for none.
    /// </summary>
    public long? ValuesLikeHashes { get; init; }

    /// <summary>
    /// Gets whether the scope had values in another form than hashes at the first start; null if there was no key.
    /// </summary>
    public bool? HasPlain { get; init; }

    /// <summary>Gets the number of claims that the last call replaced; null until the end.</summary>
    public long? Replaced { get; init; }

    /// <summary>Gets the number of claims that are still plain; null until the end.</summary>
    public long? Remaining { get; init; }
}
