namespace Millrace;

/// <summary>A business figure in a period.</summary>
public sealed record KpiPoint
{
    /// <summary>Gets the start of the period.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Gets the end of the period, which is not included.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>
    /// Gets the value: the sum, the mean, the ratio from 0 to 1, or the mean duration in seconds. Without events, a sum
    /// is 0, and a mean, a ratio or a duration is null.
    /// </summary>
    public decimal? Value { get; init; }

    /// <summary>Gets the exact sum of the values; for a ratio, of the parts.</summary>
    internal decimal Sum { get; init; }

    /// <summary>Gets the number of values of a mean or a duration, or the sum of the wholes of a ratio.</summary>
    internal decimal Weight { get; init; }

    /// <summary>Gets the number of events with a value in the period.</summary>
    public long Count { get; init; }

    /// <summary>Gets whether the period has ended.</summary>
    public bool IsComplete { get; init; }

    /// <summary>Gets the percentiles; null if the figure is not a duration, or there are no events.</summary>
    public KpiPercentiles? Percentiles { get; init; }

    /// <summary>
    /// Gets the events with the largest absolute values, largest first; at most <see cref="Kpis.MaxLargest"/>.
    /// </summary>
    public IReadOnlyList<KpiContribution> Largest { get; init; } = [];

    /// <summary>
    /// Gets the comparison with earlier weeks; null if it was not requested, the period has not ended, or there are no
    /// earlier values.
    /// </summary>
    public KpiComparison? Comparison { get; init; }

    /// <summary>
    /// Gets the path that <c>millrace why</c> explains; null if the period is longer than an hour or has no events.
    /// </summary>
    public string? Path { get; init; }
}
