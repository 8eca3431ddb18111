namespace Millrace.Business.WeeklyReports;

/// <summary>Decides which weekly report is due.</summary>
/// <param name="day">The day on which the report about the last week is sent.</param>
/// <param name="hour">The hour of the day.</param>
/// <param name="zone">The time zone.</param>
internal sealed class ReportSchedule(DayOfWeek day, int hour, TimeZoneInfo zone)
{
    private const int WeekDays = 7;

    /// <summary>Returns the newest week whose report is due.</summary>
    public KpiWeek DueWeek(DateTimeOffset now)
    {
        var week = KpiWeek.Of(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime)).Add(-1);
        return now >= DueTime(week) ? week : week.Add(-1);
    }

    /// <summary>Returns the time at which the report of a week is due: in the week that follows.</summary>
    public DateTimeOffset DueTime(KpiWeek week)
    {
        var days = ((int)day - (int)DayOfWeek.Monday + WeekDays) % WeekDays;
        var local = week.Monday.AddDays(WeekDays + days).ToDateTime(new TimeOnly(hour, 0));
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15); // The clocks are put forward.
        return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
    }
}
