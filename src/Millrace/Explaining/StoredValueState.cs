namespace Millrace;

/// <summary>Specifies the result of comparing a stored value with the replayed value.</summary>
public enum StoredValueState
{
    /// <summary>The values are equal.</summary>
    Same,

    /// <summary>
    /// The stored value equals the replayed value at the position of the document. The read model has not handled the
    /// later events yet.
    /// </summary>
    Behind,

    /// <summary>
    /// The values differ, because events were removed, the projection's code changed without a new version, or another
    /// program wrote the documents.
    /// </summary>
    Differs,

    /// <summary>
    /// The value is not stored. It belongs to a live projection, an aggregate, or a read model that was never built.
    /// </summary>
    NotStored,

    /// <summary>
    /// The values were not compared. The caller requested an earlier moment, or the search did not reach the end. It is
    /// also possible that the search had several parts, and the stored value differs and is from a position in an
    /// earlier part.
    /// </summary>
    NotCompared,

    /// <summary>
    /// The stored value belongs to another version, which readers use until this version is built. The values are not
    /// compared.
    /// </summary>
    OtherVersion,

    /// <summary>
    /// The value is in the application's own tables. Millrace writes the tables with statements, and does not know the
    /// row and the column of the value.
    /// </summary>
    InTables,
}
