using System.Globalization;

namespace Millrace;

/// <summary>
/// The time for which data is kept: a number of minutes, hours, days, months or years. The default value and numbers
/// outside their range are refused when the application starts, with the name of the policy.
/// </summary>
/// <remarks>
/// Months and years follow the calendar in UTC. If the last month has no such day, the period ends on the first day of
/// the next month, so that data is never removed early: a year that starts on 29 February ends on 1 March.
/// </remarks>
public readonly record struct RetentionPeriod
{
    private const int MaxYears = 1_000;

    private readonly int _count;
    private readonly Unit _unit;

    private RetentionPeriod(int count, Unit unit) => (_count, _unit) = (count, unit);

    private enum Unit
    {
        None,
        Minute,
        Hour,
        Day,
        Month,
        Year,
    }

    /// <summary>Gets the period that applies if a policy names none: 30 days.</summary>
    public static RetentionPeriod Default => Days(30);

    private int Max => _unit switch
    {
        Unit.Minute => MaxYears * 525_600,
        Unit.Hour => MaxYears * 8_760,
        Unit.Day => MaxYears * 365,
        Unit.Month => MaxYears * 12,
        Unit.Year => MaxYears,
        _ => 0,
    };

    /// <summary>
    /// Creates a period of minutes, usually from a time in the events (<see cref="RetentionPolicy.ByTimeIn"/>).
    /// </summary>
    /// <param name="count">The number, from 1 to 525,600,000.</param>
    public static RetentionPeriod Minutes(int count) => new(count, Unit.Minute);

    /// <summary>Creates a period of hours of 60 minutes.</summary>
    /// <param name="count">The number, from 1 to 8,760,000.</param>
    public static RetentionPeriod Hours(int count) => new(count, Unit.Hour);

    /// <summary>Creates a period of days of 24 hours.</summary>
    /// <param name="count">The number, from 1 to 365,000.</param>
    public static RetentionPeriod Days(int count) => new(count, Unit.Day);

    /// <summary>Creates a period of calendar months.</summary>
    /// <param name="count">The number, from 1 to 12,000.</param>
    public static RetentionPeriod Months(int count) => new(count, Unit.Month);

    /// <summary>Creates a period of calendar years.</summary>
    /// <param name="count">The number, from 1 to 1,000.</param>
    public static RetentionPeriod Years(int count) => new(count, Unit.Year);

    /// <summary>Parses the text of <see cref="ToString"/>, such as <c>30 days</c>.</summary>
    /// <returns>False if the text has another form.</returns>
    public static bool TryParse(string? text, out RetentionPeriod period)
    {
        period = default;
        var parts = text?.Split(' ') ?? [];
        if (parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        Func<int, RetentionPeriod>? create = parts[1].TrimEnd('s') switch
        {
            "minute" => Minutes,
            "hour" => Hours,
            "day" => Days,
            "month" => Months,
            "year" => Years,
            _ => null,
        };
        period = create?.Invoke(count) ?? default;
        if (period.Problem is null)
            return true;
        period = default;
        return false;
    }

    /// <summary>Gets the problem of the period; null if it is valid.</summary>
    internal string? Problem =>
        _unit == Unit.None ? "the period is not set. Use RetentionPeriod.Days, Months or Years."
        : _count < 1 || _count > Max ? string.Create(
            CultureInfo.InvariantCulture,
            $"the period must be from 1 to {Max:N0} {_unit.ToString().ToLowerInvariant()}s, but is {this}.")
        : null;

    /// <summary>Returns the time at which data expires. From this time on, it is no longer kept.</summary>
    /// <param name="start">The time from which the data is kept.</param>
    /// <exception cref="InvalidOperationException">The period is not set, or its number is not valid.</exception>
    public DateTimeOffset ExpiryOf(DateTimeOffset start)
    {
        if (Problem is { } problem)
            throw new InvalidOperationException($"The retention period cannot be used: {problem}");
        var utc = start.ToUniversalTime();
        try
        {
            return _unit switch
            {
                Unit.Minute => utc.AddMinutes(_count),
                Unit.Hour => utc.AddHours(_count),
                Unit.Day => utc.AddDays(_count),
                Unit.Month => AfterMissingDay(utc, utc.AddMonths(_count)),
                _ => AfterMissingDay(utc, utc.AddYears(_count)),
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTimeOffset.MaxValue; // Beyond the calendar, so the data never expires.
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _unit == Unit.None
        ? "no period"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{_count} {_unit.ToString().ToLowerInvariant()}{(_count == 1 ? "" : "s")}");

    private static DateTimeOffset AfterMissingDay(DateTimeOffset start, DateTimeOffset end) =>
        end.Day == start.Day ? end : end.AddDays(1);
}
