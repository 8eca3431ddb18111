namespace Millrace;

/// <summary>A value as readers get it, beside what replaying gives.</summary>
/// <param name="State">How the two compare.</param>
public sealed record StoredValue(StoredValueState State)
{
    /// <summary>The collection that is read; null where nothing is stored.</summary>
    public string? Collection { get; init; }

    /// <summary>The stored value as JSON; null when there is none.</summary>
    public string? Value { get; init; }

    /// <summary>The position that the stored document reflects; 0 when there is none.</summary>
    public long Position { get; init; }
}

/// <summary>How a stored value compares with what replaying gives.</summary>
public enum StoredValueState
{
    /// <summary>It is the same.</summary>
    Same,

    /// <summary>It is what replaying gave at its position; the read model has not come to the later events
    /// yet.</summary>
    Behind,

    /// <summary>
    /// It is another: events were removed, the projection's code changed without a new version, or somebody wrote to
    /// the documents.
    /// </summary>
    Differs,

    /// <summary>Nothing is stored to compare with: a live projection, an aggregate, or a read model that was never
    /// built.</summary>
    NotStored,

    /// <summary>
    /// It was not compared: the value of an earlier moment was asked for, or the search has not come to the end, or it
    /// came there in parts and the stored value, which is another one, is from a position that an earlier part has
    /// passed.
    /// </summary>
    NotCompared,

    /// <summary>
    /// It is that of another version, which readers get as long as this one has not been built: the two are not
    /// compared.
    /// </summary>
    OtherVersion,

    /// <summary>The application's own tables hold it: Millrace gave them statements, and knows neither the row nor the
    /// column.</summary>
    InTables,
}
