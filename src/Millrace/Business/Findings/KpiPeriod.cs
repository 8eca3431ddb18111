using System.Globalization;

namespace Millrace.Business.Findings;

/// <summary>A period of whole days in a time zone. An hour belongs to the day on which it starts.</summary>
/// <param name="FirstDay">The first day.</param>
/// <param name="EndDay">The day after the last one.</param>
/// <param name="Zone">The time zone of the days.</param>
internal sealed record KpiPeriod(DateOnly FirstDay, DateOnly EndDay, TimeZoneInfo Zone)
{
    public DateTimeOffset From => StartOf(FirstDay);

    public DateTimeOffset To => StartOf(EndDay);

    public int Days => EndDay.DayNumber - FirstDay.DayNumber;

    /// <summary>The week, if the period is one.</summary>
    public KpiWeek? Week => Days == 7 && FirstDay.DayOfWeek == DayOfWeek.Monday ? KpiWeek.Of(FirstDay) : null;

    public string Title => Week is { } week
        ? string.Create(CultureInfo.InvariantCulture, $"Week {week.Number} of {week.Year}")
        : KpiText.Days(FirstDay, EndDay.AddDays(-1));

    public static KpiPeriod Of(KpiWeek week, TimeZoneInfo zone) => new(week.Monday, week.Monday.AddDays(7), zone);

    /// <summary>Returns the start of the first UTC hour of a day.</summary>
    public DateTimeOffset StartOf(DateOnly day) => HourFrom(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>Returns the same time of the day some days earlier, as a UTC hour.</summary>
    public DateTimeOffset Earlier(DateTimeOffset time, int days) =>
        HourFrom(TimeZoneInfo.ConvertTime(time, Zone).DateTime.AddDays(-days));

    private DateTimeOffset HourFrom(DateTime local)
    {
        while (Zone.IsInvalidTime(local))
            local = local.AddMinutes(15); // The clocks are put forward.
        return KpiBucket.HourFrom(new DateTimeOffset(local, Zone.GetUtcOffset(local)));
    }

    public DateOnly DayOf(DateTimeOffset time) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, Zone).DateTime);
}
