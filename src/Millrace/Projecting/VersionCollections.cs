using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>Finds the collections of a read model that belong to a version.</summary>
internal static class VersionCollections
{
    /// <summary>Returns the collection that a version reads, if it can read the live collection.</summary>
    /// <remarks>
    /// Until a new version has caught up, its nodes read the old version. Nodes of the old version read their own
    /// version as long as they run.
    /// </remarks>
    public static string ReadBy(ReadModelRecord? record, ProjectionDefinition definition) =>
        record is null ? definition.Collection
        : CollectionName.VersionOf(record.Live) <= definition.Version ? record.Live
        : OwnOf(record, definition);

    /// <summary>Returns the collection that a version reads if it does not read the live collection.</summary>
    public static string OwnOf(ReadModelRecord record, ProjectionDefinition definition)
    {
        if (IsOf(record.Building, definition.Version))
            return record.Building!; // Not null, because it has the version.
        return IsOf(record.Kept, definition.Version)
            ? record.Kept!
            : RetiredOf(record, definition.Version) ?? definition.Collection;
    }

    /// <summary>Returns all collections that a node with this version updates.</summary>
    public static IEnumerable<string> MaintainedBy(ReadModelRecord? record, ProjectionDefinition definition)
    {
        string?[] named = [record?.Live, record?.Building, record?.Kept];
        var ofVersion = named.Where(collection => IsOf(collection, definition.Version)).OfType<string>().ToArray();
        return ofVersion.Length > 0
            ? ofVersion
            : [(record is null ? null : RetiredOf(record, definition.Version)) ?? definition.Collection];
    }

    /// <summary>Returns the retired collection of a version, or null if the version has none.</summary>
    public static string? RetiredOf(ReadModelRecord record, int version)
    {
        foreach (var retired in record.Retired)
        {
            if (IsOf(retired.Name, version))
                return retired.Name;
        }
        return null;
    }

    /// <summary>Returns whether a row contains a collection of a version.</summary>
    public static bool HasOf(ReadModelRecord record, int version) =>
        IsOf(record.Live, version) || IsOf(record.Building, version) || IsOf(record.Kept, version)
        || RetiredOf(record, version) is not null;

    /// <summary>Returns the collections of the same version that may have been built before a collection.</summary>
    public static IReadOnlyList<string> Before(string collection, ReadModelCatalog catalog)
    {
        var first = CollectionName.FirstOf(collection);
        if (first == collection)
            return [];
        var name = CollectionName.NameOf(collection);
        var version = CollectionName.VersionOf(collection);
        var before = new List<string> { first };
        for (var build = 2L; build <= (catalog.Find(name)?.Builds ?? 0); build++)
        {
            if (CollectionName.Of(name, version, build) is var other && other != collection)
                before.Add(other);
        }
        return before;
    }

    private static bool IsOf(string? collection, int version) =>
        collection is not null && CollectionName.VersionOf(collection) == version;
}
