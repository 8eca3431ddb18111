namespace Millrace.Anomalies;

/// <summary>
/// What a series is usually like at a time of the day, or of the week: for each part of the period, the median of its
/// averages in the last periods.
/// </summary>
internal sealed class SeasonalProfile(TimeSpan period, int parts, int periods)
{
    private readonly double[] _averages = new double[parts * periods];
    private readonly long[] _counts = new long[parts]; // Of all averages that were ever added.
    private readonly double[] _sums = new double[parts];
    private readonly long[] _sumCounts = new long[parts];
    private readonly long[] _sumPeriods = new long[parts];

    /// <summary>Returns the expected value at a time; null before the second period.</summary>
    public double? Expect(DateTimeOffset time)
    {
        var part = PartOf(time);
        var count = (int)Math.Min(_counts[part], periods);
        if (count == 0)
            return null;
        Span<double> sorted = stackalloc double[count];
        _averages.AsSpan(part * periods, count).CopyTo(sorted);
        return Median.Of(sorted);
    }

    public void Add(DateTimeOffset time, double value)
    {
        var part = PartOf(time);
        var number = time.UtcTicks / period.Ticks;
        if (_sumCounts[part] > 0 && number != _sumPeriods[part])
        {
            _averages[part * periods + (int)(_counts[part]++ % periods)] = _sums[part] / _sumCounts[part];
            (_sums[part], _sumCounts[part]) = (0, 0);
        }
        _sumPeriods[part] = number;
        _sums[part] += value;
        _sumCounts[part]++;
    }

    public void Transfer(StateTransfer state)
    {
        state.Numbers(_averages);
        state.Numbers(_sums);
        for (var part = 0; part < parts; part++)
        {
            state.Total(ref _counts[part]);
            state.Total(ref _sumCounts[part]);
            state.Number(ref _sumPeriods[part]);
        }
    }

    private int PartOf(DateTimeOffset time) => (int)(time.UtcTicks % period.Ticks / (period.Ticks / parts));
}
