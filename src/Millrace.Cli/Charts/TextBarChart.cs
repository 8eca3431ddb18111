using Millrace.Cli.Output;

namespace Millrace.Cli.Charts;

/// <summary>Draws a bar for each value, scaled to the width of the terminal.</summary>
internal static class TextBarChart
{
    private const int MinBarWidth = 8;
    private const int MaxLabelWidth = 40;

    /// <summary>Returns a line for each value. A line consists of the label, the bar and the value as text.</summary>
    public static IEnumerable<(string Label, string Bar, string Value)> Of(
        IReadOnlyList<(string Label, long Value)> values, int width, Glyphs glyphs)
    {
        if (values.Count == 0)
            yield break;
        var max = Math.Max(1, values.Max(item => item.Value));
        var numberWidth = values.Max(item => TextTable.Number(item.Value).Length);
        var labelWidth = Math.Min(
            values.Max(item => item.Label.Length), Math.Clamp(width - numberWidth - MinBarWidth - 4, 8, MaxLabelWidth));
        var barWidth = Math.Max(MinBarWidth, width - labelWidth - numberWidth - 4);
        foreach (var (label, value) in values)
        {
            var bar = Bar(value, max, barWidth, glyphs);
            var number = TextTable.Number(value).PadLeft(numberWidth);
            yield return (Fit(label, labelWidth, glyphs), bar.PadRight(barWidth), number);
        }
    }

    /// <summary>Returns the bar for a value. The bar of a value above zero is never empty.</summary>
    internal static string Bar(long value, long max, int barWidth, Glyphs glyphs)
    {
        var steps = (long)Math.Round((double)value / max * barWidth * glyphs.Parts.Length);
        if (value > 0)
            steps = Math.Max(1, steps);
        var fullCells = (int)(steps / glyphs.Parts.Length);
        var remainder = (int)(steps % glyphs.Parts.Length);
        return new string(glyphs.Parts[^1], fullCells) + (remainder == 0 ? "" : glyphs.Parts[remainder - 1].ToString());
    }

    private static string Fit(string label, int length, Glyphs glyphs) =>
        label.Length <= length ? label.PadRight(length) : label[..(length - glyphs.Ellipsis.Length)] + glyphs.Ellipsis;
}
