namespace Millrace;

/// <summary>A stored value that a reader gets, and its comparison with the replayed value.</summary>
/// <param name="State">The result of the comparison.</param>
public sealed record StoredValue(StoredValueState State)
{
    /// <summary>Gets the collection from which readers get the value; null if the value is not stored.</summary>
    public string? Collection { get; init; }

    /// <summary>Gets the stored value as JSON, or null if there is none.</summary>
    public string? Value { get; init; }

    /// <summary>Gets the position of the stored document, or 0 if there is none.</summary>
    public long Position { get; init; }
}
