namespace Millrace;

/// <summary>A value as readers get it, compared with the replayed one.</summary>
/// <param name="State">The result of the comparison.</param>
public sealed record StoredValue(StoredValueState State)
{
    /// <summary>Gets the collection that is read; null when nothing is stored.</summary>
    public string? Collection { get; init; }

    /// <summary>Gets the stored value as JSON; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>Gets the position that the stored document contains; 0 when there is none.</summary>
    public long Position { get; init; }
}
