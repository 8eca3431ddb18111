using System.Globalization;
using System.Text;

namespace Millrace.Cli.Output;

/// <summary>
/// Makes stored text safe for a terminal, so that a stored name cannot move the cursor or change colors.
/// </summary>
internal static class TerminalText
{
    /// <summary>Escapes control characters, except line ends and tabs, as <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        var first = 0;
        while (first < text.Length && IsPrintable(text[first]))
            first++;
        if (first == text.Length)
            return text;
        var result = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (var character in text.AsSpan(first))
        {
            if (IsPrintable(character))
                result.Append(character);
            else
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
        }
        return result.ToString();
    }

    /// <summary>Returns the text on one line. Line ends and tabs are escaped too.</summary>
    public static string OneLine(string text) =>
        Of(text)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal);

    private static bool IsPrintable(char character) => character switch
    {
        '\n' or '\r' or '\t' => true,
        // Characters that change the text direction can make a name look like another.
        '\u200e' or '\u200f' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') => false,
        _ => !char.IsControl(character),
    };
}
