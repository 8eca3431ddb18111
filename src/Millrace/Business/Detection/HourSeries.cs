namespace Millrace.Business.Detection;

/// <summary>
/// The hours of a business figure, or of one member of its dimension, without gaps. An hour without events is 0 for
/// sums and counts, and missing for means, ratios and durations.
/// </summary>
internal sealed class HourSeries
{
    private readonly decimal[] _sums; // For a ratio, of the parts.
    private readonly decimal[] _weights; // For a ratio, the sums of the wholes; for a mean, the numbers of values.
    private readonly long[] _counts;

    private HourSeries(KpiKind kind, DateTimeOffset start, int length)
    {
        (Kind, Start) = (kind, start);
        (_sums, _weights, _counts) = (new decimal[length], new decimal[length], new long[length]);
    }

    public KpiKind Kind { get; }

    /// <summary>The start of the first hour.</summary>
    public DateTimeOffset Start { get; }

    /// <summary>The number of hours.</summary>
    public int Length => _sums.Length;

    public bool IsSum => IsSumOf(Kind);

    public static bool IsSumOf(KpiKind kind) => kind is KpiKind.Sum or KpiKind.Count;

    public static HourSeries Of(KpiSeries series) => Of(series.Kpi.Kind, series.Points);

    public static HourSeries Of(KpiKind kind, IReadOnlyList<KpiPoint> points)
    {
        var series = new HourSeries(kind, points.Count > 0 ? points[0].Start : default, points.Count);
        for (var hour = 0; hour < points.Count; hour++)
        {
            var point = points[hour];
            (series._sums[hour], series._weights[hour], series._counts[hour]) = (point.Sum, point.Weight, point.Count);
        }
        return series;
    }

    public DateTimeOffset TimeAt(int hour) => Start + TimeSpan.FromHours(hour);

    /// <summary>Returns the number of the first hour that starts at or after a time; it can be outside.</summary>
    public int IndexOf(DateTimeOffset time) => (int)Math.Ceiling((time - Start).TotalHours);

    /// <summary>Returns the sum of some hours; for a mean, of the values, and for a ratio, of the parts.</summary>
    public decimal Sum(int from, int to)
    {
        var sum = 0m;
        for (var hour = Math.Max(0, from); hour < Math.Min(to, Length); hour++)
            sum += _sums[hour];
        return sum;
    }

    /// <summary>
    /// Returns the weight of some hours: the number of values of a mean or a duration, or the sum of the wholes of a
    /// ratio.
    /// </summary>
    public decimal Weight(int from, int to)
    {
        var weight = 0m;
        for (var hour = Math.Max(0, from); hour < Math.Min(to, Length); hour++)
            weight += _weights[hour];
        return weight;
    }

    /// <summary>Returns the number of events in some hours.</summary>
    public long Count(int from, int to)
    {
        var count = 0L;
        for (var hour = Math.Max(0, from); hour < Math.Min(to, Length); hour++)
            count += _counts[hour];
        return count;
    }

    /// <summary>Returns the number of events in a period.</summary>
    public long Count(DateTimeOffset from, DateTimeOffset to) => Count(IndexOf(from), IndexOf(to));

    /// <summary>Returns the figure of some hours; null for a mean without events.</summary>
    public decimal? Value(int from, int to)
    {
        if (IsSum)
            return Sum(from, to);
        var weight = Weight(from, to);
        return weight == 0 ? null : Sum(from, to) / weight;
    }

    /// <summary>Returns the figure of a period; null for a mean without events.</summary>
    public decimal? Value(DateTimeOffset from, DateTimeOffset to) => Value(IndexOf(from), IndexOf(to));
}
