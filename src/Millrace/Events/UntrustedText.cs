namespace Millrace.Events;

/// <summary>
/// Prepares texts from other sources for logs, dead letters and code. Such texts may have any length and contain any
/// characters.
/// </summary>
internal static class UntrustedText
{
    /// <summary>Returns whether a character ends a line or is not printable.</summary>
    public static bool IsControl(char character) => char.IsControl(character) || character is '\u2028' or '\u2029';

    /// <summary>Returns a text on one line.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
            line[i] = IsControl(text[i]) ? ' ' : text[i];
    });

    /// <summary>Shortens a text to a maximum length.</summary>
    public static string Clip(string text, int maxLength) =>
        text.Length <= maxLength ? text : string.Concat(text.AsSpan(0, maxLength - 1), "…");
}
