using System.Globalization;

namespace Millrace.Business.Findings;

/// <summary>Formats names, values and times for sentences, in English.</summary>
internal static class KpiText
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Returns the name as words: <c>order volume</c>.</summary>
    public static string Name(string kpi) => kpi.Replace('-', ' ');

    public static string Name(KpiInfo kpi) => Name(kpi.Name);

    /// <summary>Returns the text with a capital first letter.</summary>
    public static string Sentence(string text) =>
        text.Length == 0 ? text : string.Concat(char.ToUpper(text[0], Culture).ToString(), text.AsSpan(1));

    /// <summary>Returns a value with its unit.</summary>
    public static string Value(decimal value, KpiInfo kpi) => kpi.Kind switch
    {
        KpiKind.Ratio => value.ToString("P1", Culture).Replace(" %", "\u00A0%", StringComparison.Ordinal),
        KpiKind.Duration => Duration(value),
        _ => kpi.Unit.Length == 0 ? Number(value, kpi.Kind) : $"{Number(value, kpi.Kind)}\u00A0{kpi.Unit}",
    };

    /// <summary>
    /// Returns a comparison with a value that is not 0: <c>12 % more than</c>, <c>as much as</c>.
    /// </summary>
    public static string Change(decimal value, decimal reference)
    {
        if (value == reference)
            return "as much as";
        var percent = Math.Abs((value - reference) / reference * 100);
        if (percent >= 1_000 && value / reference > 0)
            return $"{(value / reference).ToString("N0", Culture)} times as much as";
        var digits = percent >= 10 ? "N0" : "0.#";
        return $"{percent.ToString(digits, Culture)}\u00A0% {(value > reference ? "more" : "less")} than";
    }

    public static string Percent(decimal share) =>
        $"{(share * 100).ToString(Math.Abs(share) >= 0.1m ? "N0" : "0.#", Culture)}\u00A0%";

    /// <summary>Returns a day: <c>Monday, 5 December 2011</c>.</summary>
    public static string Day(DateOnly day) => day.ToString("dddd, d MMMM yyyy", Culture);

    /// <summary>Returns the days of a period: <c>5 to 11 December 2011</c>.</summary>
    public static string Days(DateOnly first, DateOnly last)
    {
        var format = first == last ? ""
            : first.Year != last.Year ? "d MMMM yyyy"
            : first.Month != last.Month ? "d MMMM"
            : "%d";
        var end = last.ToString("d MMMM yyyy", Culture);
        return format.Length == 0 ? end : $"{first.ToString(format, Culture)} to {end}";
    }

    /// <summary>Returns an hour: <c>9 December 2011 between 09:00 and 10:00</c>.</summary>
    public static string Hour(DateTimeOffset hour, TimeZoneInfo zone)
    {
        var (start, end) = (TimeZoneInfo.ConvertTime(hour, zone), TimeZoneInfo.ConvertTime(hour.AddHours(1), zone));
        return string.Create(
            Culture, $"{start:d MMMM yyyy} between {start:HH:mm} and {end:HH:mm}");
    }

    /// <summary>Returns a time: <c>9 December 2011, 10:00</c>.</summary>
    public static string Time(DateTimeOffset time, TimeZoneInfo zone) =>
        string.Create(Culture, $"{TimeZoneInfo.ConvertTime(time, zone):d MMMM yyyy, HH:mm}");

    /// <summary>Returns a number with its noun: <c>1 hour</c>, <c>3 hours</c>.</summary>
    public static string Counted(long number, string noun) =>
        number == 1 ? $"1 {noun}" : $"{number.ToString("N0", Culture)} {noun}s";

    private static string Number(decimal value, KpiKind kind)
    {
        var format = kind == KpiKind.Mean ? "N2"
            : decimal.IsInteger(value) ? "N0"
            : "N2";
        return value.ToString(format, Culture);
    }

    private static string Duration(decimal seconds) => Math.Abs(seconds) switch
    {
        < 1 => $"{(seconds * 1_000).ToString("0.#", Culture)}\u00A0ms",
        < 120 => $"{seconds.ToString("0.##", Culture)}\u00A0s",
        < 7_200 => $"{(seconds / 60).ToString("0.#", Culture)}\u00A0min",
        _ => $"{(seconds / 3_600).ToString("0.#", Culture)}\u00A0h",
    };
}
