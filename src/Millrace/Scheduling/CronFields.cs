using System.Globalization;

namespace Millrace;

/// <summary>The fields of a cron expression, as they are written; with the whole text, for errors.</summary>
internal sealed record CronFields(
    string Text, string Seconds, string Minutes, string Hours, string Day, string Month, string Weekday)
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Splits an expression; the seconds are 0 where it has none.</summary>
    /// <exception cref="FormatException">It has too few fields, or too many.</exception>
    public static CronFields Of(string text)
    {
        var fields = Expand(text.Trim()).Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        return fields switch
        {
            [var minutes, var hours, var day, var month, var weekday] => new(
                text, "0", minutes, hours, day, month, weekday),
            [var seconds, var minutes, var hours, var day, var month, var weekday] => new(
                text, seconds, minutes, hours, day, month, weekday),
            _ => throw new FormatException(
                $"'{text}' has {fields.Length} fields: write minute, hour, day of the month, month and day of the "
                    + $"week, such as "
                + "'30 3 * * *', or these with the second before them."),
        };
    }

    /// <summary>The same as Cronos reads it, which does not know <c>*</c> within a list.</summary>
    /// <exception cref="FormatException">A step is not in its field's range, or a field has a letter H.</exception>
    public CronFields Checked() => this with
    {
        Seconds = Checked(Seconds, "Seconds", 0, 59, 59),
        Minutes = Checked(Minutes, "Minutes", 0, 59, 59),
        Hours = Checked(Hours, "Hours", 0, 23, 23),
        Day = Checked(Day, "Days of month", 1, 31, 31),
        Month = Checked(Month, "Months", 1, 12, 12),
        Weekday = Checked(Weekday, "Days of week", 0, 6, 7),
    };

    public override string ToString() => $"{Seconds} {Minutes} {Hours} {Day} {Month} {Weekday}";

    private static string Expand(string text) => text switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => text,
    };

    private string Checked(string field, string name, int first, int last, int maxStep)
    {
        // Cronos spreads a value H at random, by a seed that a schedule does not have. THU is the only name with that
        // letter.
        if (field
                .Replace("THU", "", StringComparison.OrdinalIgnoreCase)
                .Contains('H', StringComparison.OrdinalIgnoreCase))
            throw new FormatException(
                $"'{Text}' is not a cron expression. {name}: 'H' is not supported; write the value.");
        var parts = field.Split(',');
        foreach (var part in parts)
        {
            if (part.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
                && !IsStep(part.AsSpan(slash + 1), maxStep))
            {
                throw new FormatException(
                    $"'{Text}' is not a cron expression. {name}: the step of '{part}' is outside the field's range; "
                        + $"write a step from 1 "
                    + $"to {maxStep}.");
            }
        }
        return parts.Length == 1
            ? field
            : string.Join(',', parts.Select(part => part.StartsWith('*') ? $"{first}-{last}{part[1..]}" : part));
    }

    private static bool IsStep(ReadOnlySpan<char> text, int maxStep) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var step)
        && step >= 1
        && step <= maxStep;
}
