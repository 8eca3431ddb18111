namespace Millrace;

/// <summary>The result of comparing a stored value with the replayed one.</summary>
public enum StoredValueState
{
    /// <summary>The values are equal.</summary>
    Same,

    /// <summary>
    /// The stored value equals the replayed one at its position; the read model has not handled the later events yet.
    /// </summary>
    Behind,

    /// <summary>
    /// The values differ: events were removed, the projection's code changed without a new version, or another program
    /// wrote the documents.
    /// </summary>
    Differs,

    /// <summary>Nothing is stored: a live projection, an aggregate, or a read model that was never built.</summary>
    NotStored,

    /// <summary>
    /// The values were not compared: the value of an earlier moment was requested, the search did not reach the end, or
    /// it was done in parts and the differing stored value is from a position in an earlier part.
    /// </summary>
    NotCompared,

    /// <summary>
    /// The stored value is that of another version, which readers get until this one is built. The two are not
    /// compared.
    /// </summary>
    OtherVersion,

    /// <summary>
    /// The value is in the application's own tables. Millrace writes them by statements, and does not know the row and
    /// column.
    /// </summary>
    InTables,
}
