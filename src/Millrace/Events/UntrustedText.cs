namespace Millrace;

/// <summary>Texts that others have written, as they are told in logs, letters and code: of any length, with anything in
/// them.</summary>
internal static class UntrustedText
{
    /// <summary>Whether a character ends a line or does something else than to be seen.</summary>
    public static bool IsControl(char one) => char.IsControl(one) || one is '\u2028' or '\u2029';

    /// <summary>A text on one line.</summary>
    public static string OneLine(string text) => string.Create(text.Length, text, static (line, text) =>
    {
        for (var i = 0; i < line.Length; i++)
            line[i] = IsControl(text[i]) ? ' ' : text[i];
    });

    /// <summary>As much of a text as is told.</summary>
    public static string Clip(string text, int most) =>
        text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");
}
