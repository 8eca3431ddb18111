using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Queries;

/// <summary>
/// Knows which collections queries of this build read now. A rebuilt collection replaces another one without an event,
/// and its documents can differ at the same position.
/// </summary>
/// <param name="readBy">Functions that return the collection to read from the record in the catalog, by the name of the
/// asynchronous read model. An application can have several versions of a read model.</param>
internal sealed class CurrentCollections(ILookup<string, Func<ReadModelRecord?, string>> readBy)
{
    /// <summary>Returns the collections of all asynchronous read models.</summary>
    public IReadOnlyList<string> In(ReadModelCatalog catalog) =>
        [.. readBy.SelectMany(reads => reads.Select(read => read(catalog.Find(reads.Key))))];

    /// <summary>Returns whether queries read all of some collections now.</summary>
    public bool Contain(ReadModelCatalog catalog, IReadOnlyList<string> collections)
    {
        for (var i = 0; i < collections.Count; i++)
        {
            if (!IsCurrent(catalog, collections[i]))
                return false;
        }
        return true;
    }

    private bool IsCurrent(ReadModelCatalog catalog, string collection)
    {
        var name = CollectionName.NameOf(collection);
        var record = catalog.Find(name);
        foreach (var read in readBy[name])
        {
            if (read(record) == collection)
                return true;
        }
        return false;
    }
}
