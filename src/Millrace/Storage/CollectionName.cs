using System.Globalization;

namespace Millrace.Storage;

/// <summary>
/// Formats and parses the names of a read model's collections: <c>daily-sales@2</c> for the first build of version 2,
/// and <c>daily-sales@2.3</c> for a later build.
/// </summary>
internal static class CollectionName
{
    public static string Of(string name, int version) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}@{version}");

    public static string Of(string name, int version, long build) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}@{version}.{build}");

    /// <summary>Returns the name of the read model.</summary>
    public static string NameOf(string collection) =>
        collection.IndexOf('@', StringComparison.Ordinal) is >= 0 and var end ? collection[..end] : collection;

    /// <summary>Returns the version in the name; 0 if the name contains no version.</summary>
    public static int VersionOf(string collection)
    {
        var version = collection.AsSpan(NameOf(collection).Length).TrimStart('@');
        var end = version.IndexOf('.');
        var digits = end < 0 ? version : version[..end];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    /// <summary>Returns true if a collection was built after another one of the same read model.</summary>
    public static bool IsNewer(string collection, string other) =>
        (VersionOf(collection), BuildOf(collection)).CompareTo((VersionOf(other), BuildOf(other))) > 0;

    /// <summary>
    /// Returns the name of the first collection of the same version. Applications refer to a version by this name.
    /// </summary>
    public static string FirstOf(string collection)
    {
        var atSign = collection.IndexOf('@', StringComparison.Ordinal);
        var dot = atSign < 0 ? -1 : collection.IndexOf('.', atSign);
        return dot < 0 ? collection : collection[..dot];
    }

    private static long BuildOf(string collection) =>
        collection.LastIndexOf('.') is > 0 and var dot
            && long.TryParse(
                collection.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var build)
                ? build
                : 0;
}
