namespace Millrace.Business;

/// <summary>Divides time into the periods of a series, in UTC.</summary>
internal static class KpiPeriods
{
    private const int DaysOfWeek = 7;

    /// <summary>Returns the start of the period that contains a time.</summary>
    public static DateTimeOffset StartOf(DateTimeOffset time, KpiStep step)
    {
        var utc = time.UtcDateTime;
        return step switch
        {
            KpiStep.Hour => KpiBucket.HourOf(time),
            KpiStep.Day => new DateTimeOffset(utc.Date, TimeSpan.Zero),
            KpiStep.Week => new DateTimeOffset(
                utc.Date.AddDays(-(((int)utc.DayOfWeek + DaysOfWeek - (int)DayOfWeek.Monday) % DaysOfWeek)),
                TimeSpan.Zero),
            _ => new DateTimeOffset(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero),
        };
    }

    /// <summary>Returns the start of the next period.</summary>
    public static DateTimeOffset Next(DateTimeOffset start, KpiStep step) => step switch
    {
        KpiStep.Hour => start.AddHours(1),
        KpiStep.Day => start.AddDays(1),
        KpiStep.Week => start.AddDays(DaysOfWeek),
        _ => start.AddMonths(1),
    };

    /// <summary>Returns the start of the same period in an earlier week, or of an earlier month.</summary>
    public static DateTimeOffset Earlier(DateTimeOffset start, KpiStep step, int count) => step == KpiStep.Month
        ? start.AddMonths(-count)
        : start.AddDays(-DaysOfWeek * count);
}
