using System.Text;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// Creates the names of generated files. Roslyn ignores the case of these names, allows few characters in them, and
/// stops the whole generator if two names are equal.
/// </summary>
internal static class HintNames
{
    // File systems allow 255 bytes for the whole name, including the concern.
    private const int MaxBytes = 110;
    private const int MaxHintCharacters = 60;

    /// <summary>
    /// Returns the name of a type's file. It is readable, and contains a digest if it is long or not unique.
    /// </summary>
    public static string Of(string fullName, EquatableArray<string> shared)
    {
        var plain = Plain(fullName);
        if (Encoding.UTF8.GetByteCount(plain) <= MaxBytes)
            return shared.Contains(fullName) ? $"{plain}.{StableHash.Of(fullName)}" : plain;
        var ascii = new string([.. plain.Take(MaxHintCharacters).Select(letter => letter < 128 ? letter : '_')]);
        return $"{ascii}.{StableHash.Of(fullName)}";
    }

    /// <summary>
    /// Returns the full names of types whose files would have the same name as the file of another type.
    /// </summary>
    public static EquatableArray<string> Shared(IEnumerable<string> fullNames) => fullNames
        .Distinct(StringComparer.Ordinal)
        .GroupBy(Plain, StringComparer.OrdinalIgnoreCase)
        .Where(group => group.Skip(1).Any())
        .SelectMany(group => group)
        .OrderBy(name => name, StringComparer.Ordinal)
        .ToEquatable();

    private static string Plain(string fullName)
    {
        var text = new StringBuilder();
        foreach (var letter in fullName.Replace("global::", "").Replace("@", ""))
        {
            if (letter != ' ')
                text.Append(char.IsLetterOrDigit(letter) || letter == '.' ? letter : '_');
        }
        return text.ToString();
    }
}
