namespace Millrace.Business.Detection;

/// <summary>What a series usually is at a time: the median of the same hours of earlier weeks, or days.</summary>
internal static class UsualValue
{
    /// <summary>The number of hours before a time that its usual value needs.</summary>
    public const int NeededHours = MaxWeeks * WeekHours;

    public const int WeekHours = 7 * DayHours;

    private const int DayHours = 24;
    private const int MaxWeeks = 8;
    private const int MaxDays = 14;
    private const int MinValues = 3;

    /// <summary>
    /// Returns the median of the same hours of up to 8 earlier weeks; with fewer than 3 weeks, of up to 14 earlier
    /// days; null with fewer than 3 days.
    /// </summary>
    public static decimal? Of(HourSeries series, int hour, int hours) =>
        Of(series, hour, hours, WeekHours, MaxWeeks) ?? Of(series, hour, hours, DayHours, MaxDays);

    /// <summary>
    /// Sorts the values, and returns their median; of an even number of values, the mean of the middle ones.
    /// </summary>
    public static decimal Median(List<decimal> values)
    {
        values.Sort();
        var middle = values.Count / 2;
        return values.Count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    private static decimal? Of(HourSeries series, int hour, int hours, int period, int maxPeriods)
    {
        var values = new List<decimal>(maxPeriods);
        for (var before = 1; before <= maxPeriods && hour - before * period >= 0; before++)
        {
            var start = hour - before * period;
            if (series.Value(start, start + hours) is { } value)
                values.Add(value);
        }
        return values.Count < MinValues ? null : Median(values);
    }
}
