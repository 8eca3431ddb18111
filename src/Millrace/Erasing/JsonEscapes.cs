using System.Globalization;
using System.Text;

namespace Millrace.Erasing;

/// <summary>Removes the escapes of JSON texts, for a search in bytes that may not be JSON.</summary>
internal static class JsonEscapes
{
    private const int HexDigits = 4;

    /// <summary>Returns the text with the characters that its escapes mean. Unknown escapes remain.</summary>
    public static string Remove(string text)
    {
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length)
            {
                output.Append(text[i]);
                continue;
            }
            if (text[i + 1] == 'u' && CharacterAt(text, i + 2) is { } character)
            {
                output.Append(character);
                i += 1 + HexDigits;
                continue;
            }
            output.Append(MeaningOf(text[i + 1]) is { } meaning ? meaning.ToString() : text[i..(i + 2)]);
            i++;
        }
        return output.ToString();
    }

    private static char? CharacterAt(string text, int start) =>
        start + HexDigits <= text.Length
        && ushort.TryParse(
            text.AsSpan(start, HexDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (char)code
            : null;

    private static char? MeaningOf(char escape) => escape switch
    {
        '"' or '\\' or '/' => escape,
        'b' => '\b',
        'f' => '\f',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => null,
    };
}
