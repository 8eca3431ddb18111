using System.Text;

namespace Millrace.Generators.Roslyn;

/// <summary>
/// Names of generated files. Roslyn compares them without case, allows few characters, and stops the whole generator
/// when two are equal.
/// </summary>
internal static class HintNames
{
    // In bytes: file systems allow 255 for the whole name, including the concern.
    private const int MaxBytes = 110;
    private const int MaxHintCharacters = 60;

    /// <summary>Returns the name of a type's file: readable, with a digest when it is long or shared.</summary>
    public static string Of(string fullName, EquatableArray<string> shared)
    {
        var plain = Plain(fullName);
        if (Encoding.UTF8.GetByteCount(plain) <= MaxBytes)
            return shared.Contains(fullName) ? $"{plain}.{StableHash.Of(fullName)}" : plain;
        var ascii = new string([.. plain.Take(MaxHintCharacters).Select(letter => letter < 128 ? letter : '_')]);
        return $"{ascii}.{StableHash.Of(fullName)}";
    }

    /// <summary>Returns the full names whose files would have the same name as another's.</summary>
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
