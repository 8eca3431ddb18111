using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Changes the catalog row of a read model, and decides what happens to a displaced collection.</summary>
internal static class ReadModelChanges
{
    /// <summary>
    /// Returns the row with a collection as the live collection, and with the previous one kept. Returns null if the
    /// collection is not part of the row.
    /// </summary>
    public static ReadModelRecord? Switch(ReadModelRecord record, string next, DateTimeOffset until)
    {
        if (record.Kept == next)
            return record with { Live = next, Kept = record.Live };
        return record.Building == next
            ? Retire(record with { Live = next, Building = null, Kept = record.Live }, record.Kept, until)
            : null;
    }

    /// <summary>
    /// Returns the row with the build of a new version's collection, which replaces an earlier build.
    /// </summary>
    public static ReadModelRecord Raise(
        ReadModelRecord record, string building, bool switchesAutomatically, DateTimeOffset until)
    {
        var raised = record with
        {
            Building = building,
            SwitchesAutomatically = switchesAutomatically,
            Retired = Without(record.Retired, building),
        };
        return Retire(raised, record.Building, until);
    }

    /// <summary>
    /// Returns the row without a collection that was being built or kept. A kept collection is retired if nodes of its
    /// version may still read it.
    /// </summary>
    public static ReadModelRecord Drop(ReadModelRecord record, string dropped, DateTimeOffset until) =>
        record.Building == dropped
            ? record with
            {
                Building = null,
            }
            : Retire(record with { Kept = null }, dropped, until);

    /// <summary>Returns the row with a collection retired until at least the given time.</summary>
    public static ReadModelRecord Retain(ReadModelRecord record, string collection, DateTimeOffset until) =>
        record with { Retired = [.. Without(record.Retired, collection), new RetiredCollection(collection, until)] };

    /// <summary>
    /// Retires a displaced collection, unless the row has another collection of its version, which nodes of that
    /// version read.
    /// </summary>
    private static ReadModelRecord Retire(ReadModelRecord record, string? displaced, DateTimeOffset until) =>
        displaced is null || VersionCollections.HasOf(record, CollectionName.VersionOf(displaced))
            ? record
            : Retain(record, displaced, until);

    private static IReadOnlyList<RetiredCollection> Without(
        IReadOnlyList<RetiredCollection> retired,
        string collection) => [.. retired.Where(collectionRow => collectionRow.Name != collection)];
}
