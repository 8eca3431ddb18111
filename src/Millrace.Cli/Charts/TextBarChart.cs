namespace Millrace.Cli.Charts;

/// <summary>Draws a bar for each value, scaled to the width of the terminal.</summary>
internal static class TextBarChart
{
    private const int MinBarWidth = 8;
    private const int MaxLabelWidth = 40;

    /// <summary>Writes a line for each value: its label, its bar and the value as text.</summary>
    public static IEnumerable<(string Label, string Bar, string Value)> Of(
        IReadOnlyList<(string Label, long Value)> values, int width, Glyphs glyphs)
    {
        if (values.Count == 0)
            yield break;
        var most = Math.Max(1, values.Max(one => one.Value));
        var numbers = values.Max(one => TextTable.Number(one.Value).Length);
        var labels = Math.Min(
            values.Max(one => one.Label.Length), Math.Clamp(width - numbers - MinBarWidth - 4, 8, MaxLabelWidth));
        var room = Math.Max(MinBarWidth, width - labels - numbers - 4);
        foreach (var (label, value) in values)
        {
            var bar = Bar(value, most, room, glyphs);
            yield return (Fit(label, labels, glyphs), bar.PadRight(room), TextTable.Number(value).PadLeft(numbers));
        }
    }

    /// <summary>Scales a bar. A value above zero has a visible bar.</summary>
    internal static string Bar(long value, long most, int room, Glyphs glyphs)
    {
        var steps = (long)Math.Round((double)value / most * room * glyphs.Parts.Length);
        if (value > 0)
            steps = Math.Max(1, steps);
        var whole = (int)(steps / glyphs.Parts.Length);
        var part = (int)(steps % glyphs.Parts.Length);
        return new string(glyphs.Parts[^1], whole) + (part == 0 ? "" : glyphs.Parts[part - 1].ToString());
    }

    private static string Fit(string label, int length, Glyphs glyphs) =>
        label.Length <= length ? label.PadRight(length) : label[..(length - glyphs.Ellipsis.Length)] + glyphs.Ellipsis;
}
