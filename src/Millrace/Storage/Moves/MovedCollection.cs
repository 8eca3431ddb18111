namespace Millrace.Storage.Moves;

/// <summary>A collection of one of the storages of a move.</summary>
/// <param name="Number">Its number there, which is never given again.</param>
/// <param name="Definition">Its name and fields.</param>
/// <param name="IsNoted">Whether what is written to it is noted.</param>
internal sealed record MovedCollection(long Number, CollectionDefinition Definition, bool IsNoted)
{
    /// <summary>Its documents.</summary>
    public MovedTable Table => MovedTables.OfDocuments(Definition);
}
