namespace Millrace.Storage.Moves;

/// <summary>A collection of one of the storages of a move.</summary>
/// <param name="Number">The number of the collection in its storage, which is never reused.</param>
/// <param name="Definition">The name and the fields.</param>
/// <param name="IsNoted">True if writes to the collection are recorded.</param>
public sealed record MovedCollection(long Number, CollectionDefinition Definition, bool IsNoted)
{
    /// <summary>Gets the table of the documents.</summary>
    public MovedTable Table => MovedTables.OfDocuments(Definition);
}
