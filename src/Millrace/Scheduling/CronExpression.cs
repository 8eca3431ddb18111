namespace Millrace;

/// <summary>When something recurs, as cron writes it: five fields, or six with seconds before them.</summary>
/// <remarks>
/// Where clocks are put forward, a time of day that does not exist is taken at the first moment after it. Where they are put back, a time
/// of day that comes twice is taken once, the first time. What recurs every hour, or within every hour, goes on by the time that passes:
/// it has no gap and nothing twice. A day is right when the day of the month or the day of the week is, where both are given.
/// </remarks>
internal sealed class CronExpression
{
    private const int MostYears = 8; // A 29th of February is at most that far.
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly CronField _seconds;
    private readonly CronField _minutes;
    private readonly CronField _hours;
    private readonly CronField _days;
    private readonly CronField _months;
    private readonly CronField _weekdays;

    private CronExpression(string[] fields)
    {
        _seconds = CronField.Parse(fields[0], 0, 59, "Seconds");
        _minutes = CronField.Parse(fields[1], 0, 59, "Minutes");
        _hours = CronField.Parse(fields[2], 0, 23, "Hours");
        _days = CronField.Parse(fields[3], 1, 31, "Day of the month");
        _months = CronField.Parse(fields[4], 1, 12, "Month");
        _weekdays = CronField.Parse(fields[5], 0, 7, "Day of the week");
    }

    /// <exception cref="FormatException">It is none; says what is wrong.</exception>
    public static CronExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var fields = Spelled(text.Trim()).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length switch
        {
            5 => new CronExpression(["0", .. fields]),
            6 => new CronExpression(fields),
            _ => throw new FormatException(
                $"'{text}' has {fields.Length} fields: write minute, hour, day of the month, month and day of the week, such as "
                + "'30 3 * * *', or these with the second before them."),
        };
    }

    /// <summary>The first time after another; null when there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after, TimeZoneInfo zone)
    {
        var last = after.UtcDateTime.AddYears(MostYears);
        var at = after.UtcDateTime;
        var local = TimeZoneInfo.ConvertTimeFromUtc(at, zone);
        var next = at.AddTicks(TimeSpan.TicksPerSecond - (at.Ticks % TimeSpan.TicksPerSecond));
        while (next <= last)
        {
            var nextLocal = TimeZoneInfo.ConvertTimeFromUtc(next, zone);
            if (nextLocal - local > next - at && FindBehindGap(at, next, zone) is { } behind)
                return new DateTimeOffset(behind, TimeSpan.Zero);
            (at, local) = (next, nextLocal);
            if (!IsDay(local))
                next = Later(at, StartOfDay(local.Date.AddDays(1), zone));
            else if (!_hours.Allows(local.Hour) || IsSecondTime(local, at, zone))
                next = at.AddTicks(TimeSpan.TicksPerHour - (local.Ticks % TimeSpan.TicksPerHour));
            else if (!_minutes.Allows(local.Minute))
                next = at.AddTicks(TimeSpan.TicksPerMinute - (local.Ticks % TimeSpan.TicksPerMinute));
            else if (!_seconds.Allows(local.Second))
                next = at.AddSeconds(1);
            else
                return new DateTimeOffset(at, TimeSpan.Zero);
        }
        return null;
    }

    private static string Spelled(string text) => text switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => text,
    };

    private bool IsDay(DateTime local)
    {
        if (!_months.Allows(local.Month))
            return false;
        var isDay = _days.Allows(local.Day);
        var isWeekday = _weekdays.Allows((int)local.DayOfWeek) || (local.DayOfWeek == DayOfWeek.Sunday && _weekdays.Allows(7));
        return _days.IsAny || _weekdays.IsAny ? isDay && isWeekday : isDay || isWeekday;
    }

    /// <summary>Whether a time of day comes for the second time, because clocks were put back.</summary>
    private bool IsSecondTime(DateTime local, DateTime utc, TimeZoneInfo zone) =>
        !_hours.IsAny && zone.IsAmbiguousTime(local) && zone.GetUtcOffset(utc) != zone.GetAmbiguousTimeOffsets(local).Max();

    /// <summary>
    /// The first moment behind the gap that clocks leave between two moments, if a time that was asked for lies in it; null when none does.
    /// </summary>
    private DateTime? FindBehindGap(DateTime before, DateTime after, TimeZoneInfo zone)
    {
        if (_hours.IsAny)
            return null;
        var offset = zone.GetUtcOffset(before);
        while (after - before > OneSecond)
        {
            var middle = before.AddTicks((after - before).Ticks / 2 / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond);
            if (zone.GetUtcOffset(middle) == offset)
                before = middle;
            else
                after = middle;
        }
        var end = after + zone.GetUtcOffset(after);
        for (var skipped = after + offset; skipped < end; skipped = skipped.AddMinutes(1))
        {
            if (IsDay(skipped) && _hours.Allows(skipped.Hour) && _minutes.Allows(skipped.Minute))
                return after;
        }
        return null;
    }

    private static DateTime StartOfDay(DateTime date, TimeZoneInfo zone)
    {
        var local = DateTime.SpecifyKind(date, DateTimeKind.Unspecified);
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(15);
        return zone.IsAmbiguousTime(local)
            ? DateTime.SpecifyKind(local - zone.GetAmbiguousTimeOffsets(local).Max(), DateTimeKind.Utc)
            : TimeZoneInfo.ConvertTimeToUtc(local, zone);
    }

    /// <summary>Never back, whatever a zone says of the days before it changed.</summary>
    private static DateTime Later(DateTime before, DateTime after) => after > before ? after : before.AddHours(1);
}
