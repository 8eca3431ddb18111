using Cronos;
using Calendar = Cronos.CronExpression;

namespace Millrace;

/// <summary>The times at which a schedule runs: a cron expression of five fields, or of six with seconds
/// first.</summary>
/// <remarks>
/// Cronos parses the expression and finds the next time of the calendar. Two things differ from Cronos. If both day
/// fields are restricted, a day matches when either field matches. Daylight saving time depends on the values of the
/// hour field, not on how they are written: an expression for every hour follows elapsed time, and any other expression
/// follows the clock on the wall (<see cref="ZoneClock"/>).
/// </remarks>
internal sealed class CronExpression
{
    private static readonly DateTime LeapYear = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly Calendar[] _calendars; // A time of any of them is a time of the expression.
    private readonly bool _isEveryHour;

    private CronExpression(Calendar[] calendars, bool isEveryHour) =>
        (_calendars, _isEveryHour) = (calendars, isEveryHour);

    /// <summary>Parses an expression.</summary>
    /// <exception cref="FormatException">The text is not a cron expression, or its times never occur.</exception>
    public static CronExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Cronos writes a field as the list of its values, or as '*' for all of them: equal values are equal texts from
        // here on.
        var fields = CronFields.Of(ParseCalendar(CronFields.Of(text).Checked()).ToString());
        Calendar[] calendars = fields is { Day: not "*", Weekday: not "*" }
            ? [ParseCalendar(fields with { Weekday = "*" }), ParseCalendar(fields with { Day = "*" })]
            : [ParseCalendar(fields)];
        return Array.Exists(calendars, calendar => calendar.GetNextOccurrence(LeapYear, inclusive: true) is not null)
            ? new CronExpression(calendars, fields.Hours == "*")
            : throw new FormatException($"'{text}' never occurs: no month that it allows has such a day.");
    }

    /// <summary>Returns what is wrong with an expression, or null if it is accepted.</summary>
    public static string? FindProblem(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    /// <summary>Returns the first time after another, or null if there is none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after, TimeZoneInfo zone)
    {
        var clock = new ZoneClock(zone);
        var next = _isEveryHour
            ? clock.NextByElapsedTime(after.UtcDateTime, NextLocal)
            : clock.NextLocalTime(after.UtcDateTime, NextLocal);
        return next is { } time ? new DateTimeOffset(time, TimeSpan.Zero) : null;
    }

    private DateTime? NextLocal(DateTime local, bool isInclusive)
    {
        DateTime? first = null;
        foreach (var calendar in _calendars)
        {
            var next = calendar.GetNextOccurrence(DateTime.SpecifyKind(local, DateTimeKind.Utc), isInclusive);
            first = first is null || next < first ? next : first;
        }
        return first;
    }

    private static Calendar ParseCalendar(CronFields fields)
    {
        try
        {
            return Calendar.Parse(fields.ToString(), CronFormat.IncludeSeconds);
        }
        catch (CronFormatException exception)
        {
            throw new FormatException($"'{fields.Text}' is not a cron expression. {exception.Message}", exception);
        }
    }
}
