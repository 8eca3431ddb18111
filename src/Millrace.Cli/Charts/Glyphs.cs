namespace Millrace.Cli.Charts;

/// <summary>
/// The characters for charts. They are block elements if the terminal supports Unicode, and ASCII characters otherwise.
/// </summary>
/// <param name="Parts">The characters for a cell of a bar, from almost empty to full.</param>
/// <param name="Heights">The characters for a column, from empty to full height.</param>
/// <param name="Ellipsis">The text that replaces the end of a label that is too long.</param>
internal sealed record Glyphs(string Parts, string Heights, string Ellipsis)
{
    public static Glyphs Blocks { get; } = new("▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "…");

    public static Glyphs Ascii { get; } = new("#", "_.-=+*%#", "...");

    /// <summary>Returns the characters that the environment supports.</summary>
    public static Glyphs FromEnvironment() => IsUnicode(Environment.GetEnvironmentVariable) ? Blocks : Ascii;

    /// <summary>
    /// Returns true when the terminal supports Unicode. The first locale variable that is set decides. If none is set,
    /// the code page decides on Windows.
    /// </summary>
    internal static bool IsUnicode(Func<string, string?> variable)
    {
        if (variable("MILLRACE_ASCII") is { Length: > 0 })
            return false;
        foreach (var name in (string[])["LC_ALL", "LC_CTYPE", "LANG"])
        {
            if (variable(name) is { Length: > 0 } locale)
                return locale
                    .Replace("-", "", StringComparison.Ordinal)
                    .Contains("utf8", StringComparison.OrdinalIgnoreCase);
        }
        return OperatingSystem.IsWindows() && Console.OutputEncoding.CodePage == 65001;
    }
}
