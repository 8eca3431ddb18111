using System.Globalization;

namespace Millrace;

/// <summary>The numbers that a field of a cron expression allows.</summary>
internal readonly record struct CronField(ulong Allowed, bool IsAny)
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    public bool Allows(int number) => (Allowed & (1UL << number)) != 0;

    /// <summary>Reads <c>*</c>, numbers, names, ranges, steps, and lists of these.</summary>
    /// <param name="text">The field.</param>
    /// <param name="least">The least number.</param>
    /// <param name="most">The greatest number.</param>
    /// <param name="what">What it is, for the error.</param>
    /// <exception cref="FormatException">It is none; says what is wrong.</exception>
    public static CronField Parse(string text, int least, int most, string what)
    {
        var allowed = 0UL;
        foreach (var part in text.Split(','))
        {
            var (range, step) = SplitStep(part, what);
            var (from, to) = Range(range, least, most, what, hasStep: step is not null);
            for (var number = from; number <= to; number += step ?? 1)
                allowed |= 1UL << number;
        }
        return new CronField(allowed, text[0] == '*');
    }

    private static (string Range, int? Step) SplitStep(string part, string what)
    {
        var slash = part.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return (part, null);
        return int.TryParse(part.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step > 0
            ? (part[..slash], step)
            : throw new FormatException($"{what}: '{part}' has no step behind its '/': write a number from 1.");
    }

    private static (int From, int To) Range(string range, int least, int most, string what, bool hasStep)
    {
        if (range == "*")
            return (least, most);
        var dash = range.IndexOf('-', StringComparison.Ordinal);
        var from = Number(dash < 0 ? range : range[..dash], least, most, what);
        var to = dash >= 0 ? Number(range[(dash + 1)..], least, most, what) : hasStep ? most : from;
        return to >= from ? (from, to) : throw new FormatException($"{what}: '{range}' ends before it begins.");
    }

    private static int Number(string text, int least, int most, string what)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        var names = most == 12 ? Months : most == 7 ? Days : [];
        var found = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return found >= 0
            ? found + (most == 12 ? 1 : 0)
            : throw new FormatException($"{what}: '{text}' is not from {least} to {most}.");
    }
}
