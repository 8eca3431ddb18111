namespace Millrace.Anomalies;

/// <summary>
/// The expected value: from the time of the day, or from the time of the week if that had smaller errors.
/// </summary>
internal sealed class Expectation(AnomalySettings settings)
{
    private readonly SeasonalProfile _day = new(TimeSpan.FromDays(1), settings.DayParts, settings.Days);
    private readonly SeasonalProfile _week = new(TimeSpan.FromDays(7), settings.WeekParts, settings.Weeks);
    private double _dayError;
    private double _weekError;

    /// <summary>Returns the expected value; null on the first day.</summary>
    public double? Next(DateTimeOffset time)
        => _weekError < _dayError && _week.Expect(time) is { } expected ? expected : _day.Expect(time);

    /// <summary>Learns from a value.</summary>
    public void Add(DateTimeOffset time, double value)
    {
        if (_day.Expect(time) is { } byDay && _week.Expect(time) is { } byWeek)
        {
            _dayError += settings.ErrorWeight * (Math.Abs(value - byDay) - _dayError);
            _weekError += settings.ErrorWeight * (Math.Abs(value - byWeek) - _weekError);
        }
        _day.Add(time, value);
        _week.Add(time, value);
    }

    public void Transfer(StateTransfer state)
    {
        _day.Transfer(state);
        _week.Transfer(state);
        state.Number(ref _dayError);
        state.Number(ref _weekError);
    }
}
