namespace Millrace.KeyManagement;

/// <summary>The content of an event of a re-encryption. It contains no value.</summary>
/// <param name="Id">The id of the operation.</param>
internal sealed record ReencryptionNote(Guid Id)
{
    public string? Subject { get; init; }

    public string? By { get; init; }

    public string? Reason { get; init; }

    /// <summary>Gets the collection in which the operation continues; null before the first.</summary>
    public string? Collection { get; init; }

    /// <summary>Gets the key of the last document of the collection that was processed; null for none.</summary>
    public string? After { get; init; }

    public long Inspected { get; init; }

    public long Rewritten { get; init; }

    /// <summary>Gets the number of rows that still contain a value of a replaced key; null until the end.</summary>
    public long? Remaining { get; init; }
}
