namespace Millrace.Anomalies;

/// <summary>
/// How much the latest values differ from every sequence of the past. The values are averages, and one memory keeps
/// those that are a fixed number of values apart.
/// </summary>
internal sealed class PatternMemory(AnomalySettings settings)
{
    private readonly SlidingWindow _averages = new(settings.Patterns + 2 * settings.PatternLength);

    /// <summary>Adds an average. Returns the mean distance of the newest sequence to the nearest ones.</summary>
    public double Add(double average)
    {
        _averages.Add(average);
        var length = settings.PatternLength;
        if (_averages.Count < 2 * length)
            return 0;
        var current = _averages.Last(length);
        var past = _averages.Last(int.MaxValue, length);
        Span<double> nearest = stackalloc double[settings.Neighbours];
        nearest.Fill(double.PositiveInfinity);
        for (var start = past.Length - length; start >= 0; start--)
        {
            var distance = Distance(current, past.Slice(start, length), nearest[^1]);
            if (distance < nearest[^1])
                Insert(nearest, distance);
        }
        return Mean(nearest);
    }

    public void Transfer(StateTransfer state) => _averages.Transfer(state);

    /// <summary>Returns the squared distance, or some number above the limit.</summary>
    private static double Distance(ReadOnlySpan<double> current, ReadOnlySpan<double> past, double limit)
    {
        var sum = 0.0;
        for (var i = current.Length - 1; i >= 0 && sum < limit; i--)
            sum += (current[i] - past[i]) * (current[i] - past[i]);
        return sum;
    }

    private static void Insert(Span<double> sorted, double value)
    {
        var i = sorted.Length - 1;
        for (; i > 0 && sorted[i - 1] > value; i--)
            sorted[i] = sorted[i - 1];
        sorted[i] = value;
    }

    private static double Mean(ReadOnlySpan<double> squares)
    {
        var (sum, count) = (0.0, 0);
        foreach (var square in squares)
        {
            if (!double.IsFinite(square))
                break;
            sum += Math.Sqrt(square);
            count++;
        }
        return count == 0 ? 0 : sum / count;
    }
}
