namespace Millrace.Cli.Charts;

/// <summary>The characters of charts: block elements where the terminal supports them, otherwise ASCII.</summary>
/// <param name="Parts">A cell from almost empty to full.</param>
/// <param name="Heights">A column from empty to full height.</param>
/// <param name="Ellipsis">Replaces text that does not fit.</param>
internal sealed record Glyphs(string Parts, string Heights, string Ellipsis)
{
    public static Glyphs Blocks { get; } = new("▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "…");

    public static Glyphs Ascii { get; } = new("#", "_.-=+*%#", "...");

    /// <summary>Returns the characters that the environment supports.</summary>
    public static Glyphs Here() => IsUnicode(Environment.GetEnvironmentVariable) ? Blocks : Ascii;

    /// <summary>The first locale variable that is set decides; on Windows, the code page does.</summary>
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
