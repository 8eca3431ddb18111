using System.Globalization;

namespace Millrace.Scheduling;

/// <summary>The fields of a cron expression as written, and the whole text for error messages.</summary>
internal sealed record CronFields(
    string Text, string Seconds, string Minutes, string Hours, string Day, string Month, string Weekday)
{
    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>Splits an expression into its fields. The seconds are 0 if the expression has five fields.</summary>
    /// <exception cref="FormatException">The number of fields is neither five nor six.</exception>
    public static CronFields Of(string text)
    {
        var fields = Expand(text.Trim()).Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        return fields switch
        {
            [var minutes, var hours, var day, var month, var weekday] => new(
                text, "0", minutes, hours, day, month, weekday),
            [var seconds, var minutes, var hours, var day, var month, var weekday] => new(
                text, seconds, minutes, hours, day, month, weekday),
            _ => throw new InvalidCronException(
                text,
                $"it has {fields.Length} fields: write minute, hour, day of the month, month and day of the week, "
                    + "such as '30 3 * * *'. A field for seconds may precede them."),
        };
    }

    /// <summary>Returns the fields in the form that Cronos accepts, which has no <c>*</c> within a list.</summary>
    /// <exception cref="FormatException">A step is outside its field's range, or a field contains the letter
    /// H.</exception>
    public CronFields Checked() => this with
    {
        Seconds = Checked(Seconds, "seconds", 0, 59, 59),
        Minutes = Checked(Minutes, "minutes", 0, 59, 59),
        Hours = Checked(Hours, "hours", 0, 23, 23),
        Day = Checked(Day, "days of the month", 1, 31, 31),
        Month = Checked(Month, "months", 1, 12, 12),
        Weekday = Checked(Weekday, "days of the week", 0, 6, 7),
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
        // Cronos replaces H by a random value, from a seed that a schedule does not have. Only the name THU contains an
        // H.
        if (field
                .Replace("THU", "", StringComparison.OrdinalIgnoreCase)
                .Contains('H', StringComparison.OrdinalIgnoreCase))
            throw new InvalidCronException(Text, $"'H' in the {name} is not supported; write the value.");
        var parts = field.Split(',');
        foreach (var part in parts)
        {
            if (part.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash
                && !IsStep(part.AsSpan(slash + 1), maxStep))
            {
                throw new InvalidCronException(
                    Text,
                    $"the step of '{part}' in the {name} is out of range; write a step from 1 to {maxStep}.");
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
