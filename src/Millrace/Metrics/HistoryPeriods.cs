namespace Millrace.Metrics;

/// <summary>The periods of the history, in UTC.</summary>
internal static class HistoryPeriods
{
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static DateTimeOffset HourOf(DateTimeOffset time) => Floor(time, Hour);

    public static DateTimeOffset DayOf(DateTimeOffset time) => Floor(time, Day);

    /// <summary>Returns the start of the period that contains a time.</summary>
    public static DateTimeOffset Floor(DateTimeOffset time, TimeSpan period) =>
        new(time.UtcTicks - time.UtcTicks % period.Ticks, TimeSpan.Zero);
}
