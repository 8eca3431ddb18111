using System.Globalization;

namespace Millrace.Generators.Roslyn;

/// <summary>A short digest of a text that is the same in every build, process and culture.</summary>
internal static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>Returns twelve hexadecimal digits, by FNV-1a over the characters.</summary>
    public static string Of(string text)
    {
        var hash = Offset;
        foreach (var character in text)
            hash = unchecked((hash ^ character) * Prime);
        return (hash >> 16).ToString("x12", CultureInfo.InvariantCulture);
    }
}
