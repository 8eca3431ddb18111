using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Millrace.Sql;

/// <summary>Names and literals in SQL.</summary>
internal static class SqlNames
{
    /// <summary>Returns a name in double quotes.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>Returns a text in single quotes.</summary>
    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>
    /// Returns the part of a view's name for a stored name: lower-case, with an underscore for every other character
    /// than letters and digits of ASCII.
    /// </summary>
    public static string Simplify(string name) =>
        string.Concat(name.Select(static unit =>
            char.IsAsciiLetterOrDigit(unit) ? char.ToLowerInvariant(unit) : '_'));

    /// <summary>Returns a hash that distinguishes stored names with the same simple name.</summary>
    public static string HashOf(string name) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>Returns a name that is not taken, ignoring case, and takes it.</summary>
    public static string TakeFree(string name, HashSet<string> taken)
    {
        if (taken.Add(name))
            return name;
        var other = "data_" + name;
        for (var number = 2; !taken.Add(other); number++)
            other = string.Create(CultureInfo.InvariantCulture, $"data_{name}_{number}");
        return other;
    }
}
