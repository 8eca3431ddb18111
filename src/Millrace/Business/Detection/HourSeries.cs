namespace Millrace.Business.Detection;

/// <summary>
/// The hours of a business figure, or of one member of its dimension, without gaps. An hour without events is 0 for
/// sums and counts, and missing for means, ratios and durations.
/// </summary>
internal sealed class HourSeries
{
    private readonly decimal[] _sums; // For a mean, the mean multiplied by the number of events.
    private readonly long[] _counts;

    public HourSeries(KpiKind kind, DateTimeOffset start, decimal[] sums, long[] counts)
    {
        if (sums.Length != counts.Length)
            throw new ArgumentException("Each hour needs a sum and a count.", nameof(counts));
        (Kind, Start, _sums, _counts) = (kind, start, sums, counts);
    }

    public KpiKind Kind { get; }

    /// <summary>The start of the first hour.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>The number of hours.</summary>
    public int Length => _sums.Length;

    /// <summary>The end of the last hour.</summary>
    public DateTimeOffset End => TimeAt(Length);

    public bool IsSum => IsSumOf(Kind);

    public static bool IsSumOf(KpiKind kind) => kind is KpiKind.Sum or KpiKind.Count;

    public static HourSeries Of(KpiSeries series)
    {
        var (sums, counts) = (new decimal[series.Points.Count], new long[series.Points.Count]);
        for (var hour = 0; hour < sums.Length; hour++)
        {
            var point = series.Points[hour];
            counts[hour] = point.Count;
            sums[hour] = IsSumOf(series.Kpi.Kind) ? point.Value ?? 0 : (point.Value ?? 0) * point.Count;
        }
        return new HourSeries(
            series.Kpi.Kind, series.Points.Count > 0 ? series.Points[0].Start : default, sums, counts);
    }

    public DateTimeOffset TimeAt(int hour) => Start + TimeSpan.FromHours(hour);

    /// <summary>Returns the number of the first hour that starts at or after a time; it can be outside.</summary>
    public int IndexOf(DateTimeOffset time) => (int)Math.Ceiling((time - Start).TotalHours);

    /// <summary>Returns the sum of some hours; for a mean, of the single values.</summary>
    public decimal Sum(int from, int to)
    {
        var sum = 0m;
        for (var hour = Math.Max(0, from); hour < Math.Min(to, Length); hour++)
            sum += _sums[hour];
        return sum;
    }

    /// <summary>Returns the number of events in some hours.</summary>
    public long Count(int from, int to)
    {
        var count = 0L;
        for (var hour = Math.Max(0, from); hour < Math.Min(to, Length); hour++)
            count += _counts[hour];
        return count;
    }

    /// <summary>Returns the figure of some hours; null for a mean without events.</summary>
    public decimal? Value(int from, int to)
    {
        if (IsSum)
            return Sum(from, to);
        var count = Count(from, to);
        return count == 0 ? null : Sum(from, to) / count;
    }

    /// <summary>Returns the figure of a period; null for a mean without events.</summary>
    public decimal? Value(DateTimeOffset from, DateTimeOffset to) => Value(IndexOf(from), IndexOf(to));

    /// <summary>Returns the value of an hour for a detector.</summary>
    public double DetectorValue(int hour) => (double?)Value(hour, hour + 1) ?? double.NaN;
}
