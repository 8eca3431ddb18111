using Millrace.Storage;

namespace Millrace;

/// <summary>The changes of a read model's row, and what becomes of the collection that a change displaces.</summary>
internal static class ReadModelChanges
{
    /// <summary>A collection in the place of the live one, which is kept; null when it does not stand beside
    /// it.</summary>
    public static ReadModelRecord? Over(ReadModelRecord record, string next, DateTimeOffset until)
    {
        if (record.Kept == next)
            return record with { Live = next, Kept = record.Live };
        return record.Building == next
            ? Retire(record with { Live = next, Building = null, Kept = record.Live }, record.Kept, until)
            : null;
    }

    /// <summary>A new version's collection is built, in the place of what was being built before.</summary>
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
    /// A collection is built or kept no longer. What was kept for going back may be what nodes of its version read:
    /// then it is retired.
    /// </summary>
    public static ReadModelRecord Drop(ReadModelRecord record, string dropped, DateTimeOffset until) =>
        record.Building == dropped
            ? record with
            {
                Building = null,
            }
            : Retire(record with { Kept = null }, dropped, until);

    /// <summary>A retired collection stays at least until then; one that is not retired is from here on.</summary>
    public static ReadModelRecord Retain(ReadModelRecord record, string collection, DateTimeOffset until) =>
        record with { Retired = [.. Without(record.Retired, collection), new RetiredCollection(collection, until)] };

    /// <summary>Nodes of a version read one of its collections: others of that version are of no use to them.</summary>
    private static ReadModelRecord Retire(ReadModelRecord record, string? displaced, DateTimeOffset until) =>
        displaced is null || VersionCollections.HasOf(record, CollectionName.VersionOf(displaced))
            ? record
            : Retain(record, displaced, until);

    private static IReadOnlyList<RetiredCollection> Without(
        IReadOnlyList<RetiredCollection> retired,
        string collection) => [.. retired.Where(one => one.Name != collection)];
}
