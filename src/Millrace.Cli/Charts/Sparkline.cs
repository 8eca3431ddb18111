namespace Millrace.Cli.Charts;

/// <summary>How a value went, in one word: a character for each sample.</summary>
internal static class Sparkline
{
    /// <summary>The samples, the latest <paramref name="width"/> of them; the highest column is the greatest of
    /// them.</summary>
    public static string Of(IReadOnlyList<long> samples, int width, Glyphs glyphs)
    {
        var shown = samples.TakeLast(width).ToList();
        var most = Math.Max(1, shown.Count == 0 ? 1 : shown.Max());
        var last = glyphs.Heights.Length - 1;
        return string.Concat(
            shown.Select(value => glyphs.Heights[(int)Math.Round((double)Math.Max(0, value) / most * last)]));
    }
}
