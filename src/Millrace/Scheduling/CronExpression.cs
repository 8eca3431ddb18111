using System.Globalization;
using Cronos;
using Calendar = Cronos.CronExpression;

namespace Millrace.Scheduling;

/// <summary>
/// A cron expression, which defines the times at which a schedule runs. It has five fields, or six fields with the
/// seconds first.
/// </summary>
/// <remarks>
/// Cronos parses the expression and finds the next time. Two rules differ from Cronos. If both day fields are
/// restricted, a day matches when either field matches. An expression whose hour field contains every hour follows
/// elapsed time when the clock changes. Any other expression follows local time (<see cref="ZoneClock"/>).
/// </remarks>
internal sealed class CronExpression
{
    private static readonly DateTime LeapYear = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly Calendar[] _calendars; // A time that matches any of them matches the expression.
    private readonly bool _isEveryHour;

    private CronExpression(Calendar[] calendars, CronFields fields)
    {
        _calendars = calendars;
        _isEveryHour = fields.Hours == "*";
        IsAtMostOncePerMinute = int.TryParse(fields.Seconds, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>Gets whether each minute contains at most one occurrence.</summary>
    public bool IsAtMostOncePerMinute { get; }

    /// <summary>Parses an expression.</summary>
    /// <exception cref="FormatException">The text is not a cron expression, or it never occurs.</exception>
    public static CronExpression Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // Cronos writes a field as the list of its values, or as '*' for all values. After this line, equal values have
        // equal texts.
        var fields = CronFields.Of(ParseCalendar(CronFields.Of(text).Checked()).ToString());
        Calendar[] calendars = fields is { Day: not "*", Weekday: not "*" }
            ? [ParseCalendar(fields with { Weekday = "*" }), ParseCalendar(fields with { Day = "*" })]
            : [ParseCalendar(fields)];
        return Array.Exists(calendars, calendar => calendar.GetNextOccurrence(LeapYear, inclusive: true) is not null)
            ? new CronExpression(calendars, fields)
            : throw new InvalidCronException(text, "it never occurs, because none of its months has such a day.");
    }

    /// <summary>Returns a sentence with the text and the problem of an expression, or null if it is valid.</summary>
    public static string? FindProblem(string text) => Check(text)?.Problem;

    /// <summary>Returns only the problem of an expression, without the text, or null if it is valid.</summary>
    public static string? FindReason(string text) => Check(text)?.Message;

    private static InvalidCronException? Check(string text)
    {
        try
        {
            Parse(text);
            return null;
        }
        catch (InvalidCronException exception)
        {
            return exception;
        }
    }

    /// <summary>Returns the first occurrence after a time, or null if there is none.</summary>
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
            throw new InvalidCronException(fields.Text, WithoutPreamble(exception.Message), exception);
        }
    }

    private static string WithoutPreamble(string message)
    {
        const string preamble = "The given cron expression has an invalid format. ";
        return message.StartsWith(preamble, StringComparison.Ordinal) ? message[preamble.Length..] : message;
    }
}
