namespace Millrace.Cli.Charts;

/// <summary>The characters that charts are drawn with: parts of blocks where the terminal knows them, else plain
/// ASCII.</summary>
/// <param name="Parts">A cell filled more and more; the last one is full.</param>
/// <param name="Heights">A column higher and higher, from nothing.</param>
/// <param name="Ellipsis">Stands for what did not fit.</param>
internal sealed record Glyphs(string Parts, string Heights, string Ellipsis)
{
    public static Glyphs Blocks { get; } = new("▏▎▍▌▋▊▉█", "▁▂▃▄▅▆▇█", "…");

    public static Glyphs Ascii { get; } = new("#", "_.-=+*%#", "...");

    /// <summary>Those that the surroundings promise to show.</summary>
    public static Glyphs Here() => IsUnicode(Environment.GetEnvironmentVariable) ? Blocks : Ascii;

    /// <summary>The locale says it, by the first of its variables that is set; Windows says it by its code
    /// page.</summary>
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
