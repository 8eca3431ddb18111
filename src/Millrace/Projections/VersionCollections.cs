using Millrace.Storage;

namespace Millrace;

/// <summary>Which collections of a read model are a version's own.</summary>
internal static class VersionCollections
{
    /// <summary>The collection that a version reads when it does not read the live one.</summary>
    public static string OwnOf(ReadModelRecord record, ProjectionDefinition definition)
    {
        if (IsOf(record.Building, definition.Version))
            return record.Building!; // Of a version, so not null.
        return IsOf(record.Kept, definition.Version)
            ? record.Kept!
            : RetiredOf(record, definition.Version) ?? definition.Collection;
    }

    /// <summary>All collections that a node with this version keeps up to date.</summary>
    public static IEnumerable<string> MaintainedBy(ReadModelRecord? record, ProjectionDefinition definition)
    {
        string?[] named = [record?.Live, record?.Building, record?.Kept];
        var own = named.Where(collection => IsOf(collection, definition.Version)).OfType<string>().ToArray();
        return own.Length > 0
            ? own
            : [(record is null ? null : RetiredOf(record, definition.Version)) ?? definition.Collection];
    }

    /// <summary>The collection of a version that is retired; null when none is.</summary>
    public static string? RetiredOf(ReadModelRecord record, int version)
    {
        foreach (var retired in record.Retired)
        {
            if (IsOf(retired.Name, version))
                return retired.Name;
        }
        return null;
    }

    /// <summary>Whether a row names a collection of a version.</summary>
    public static bool HasOf(ReadModelRecord record, int version) =>
        IsOf(record.Live, version) || IsOf(record.Building, version) || IsOf(record.Kept, version)
        || RetiredOf(record, version) is not null;

    /// <summary>The collections of the same version that may have been built before one.</summary>
    public static IReadOnlyList<string> Before(string collection, ReadModelCatalog catalog)
    {
        var first = CollectionName.FirstOf(collection);
        if (first == collection)
            return [];
        var (name, version) = (CollectionName.NameOf(collection), CollectionName.VersionOf(collection));
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
