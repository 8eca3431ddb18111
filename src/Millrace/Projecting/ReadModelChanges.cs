using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Computes changed catalog rows of read models, including the fate of a displaced collection.</summary>
internal static class ReadModelChanges
{
    /// <summary>
    /// Returns the row with another live collection. The previous live collection is kept. Returns null if the row does
    /// not contain the other collection as kept or as being built.
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
    /// Returns the row with a build of a new version. The build replaces an earlier build.
    /// </summary>
    public static ReadModelRecord BuildVersion(
        ReadModelRecord record, string building, bool switchesAutomatically, DateTimeOffset until)
    {
        var changed = record with
        {
            Building = building,
            SwitchesAutomatically = switchesAutomatically,
            Retired = Without(record.Retired, building),
        };
        return Retire(changed, record.Building, until);
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
    /// Retires a displaced collection, unless the row has another collection of the same version. Nodes of that version
    /// then read the other collection.
    /// </summary>
    private static ReadModelRecord Retire(ReadModelRecord record, string? displaced, DateTimeOffset until) =>
        displaced is null || VersionCollections.HasOf(record, CollectionName.VersionOf(displaced))
            ? record
            : Retain(record, displaced, until);

    private static IReadOnlyList<RetiredCollection> Without(
        IReadOnlyList<RetiredCollection> retired,
        string collection) => [.. retired.Where(candidate => candidate.Name != collection)];
}
