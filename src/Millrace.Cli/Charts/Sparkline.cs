namespace Millrace.Cli.Charts;

/// <summary>Draws a series of values as text with one character for each sample.</summary>
internal static class Sparkline
{
    /// <summary>
    /// Draws the latest <paramref name="width"/> samples. The highest column represents their maximum.
    /// </summary>
    public static string Of(IReadOnlyList<long> samples, int width, Glyphs glyphs)
    {
        var shown = samples.TakeLast(width).ToList();
        var max = Math.Max(1, shown.Count == 0 ? 1 : shown.Max());
        var last = glyphs.Heights.Length - 1;
        return string.Concat(
            shown.Select(value => glyphs.Heights[(int)Math.Round((double)Math.Max(0, value) / max * last)]));
    }
}
