namespace Millrace;

/// <summary>Selects the history of a metric.</summary>
public sealed record MetricQuery
{
    /// <summary>The maximum number of points of a series. A longer history has a coarser resolution.</summary>
    public const int MaxPoints = 1_000;

    /// <summary>Gets the name of the metric, from <see cref="MonitorMetrics"/>.</summary>
    public required string Metric { get; init; }

    /// <summary>Gets the only subject to return; null for all.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the only node to return; null for all.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the start of the history.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Gets the end of the history, which is not included.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>
    /// Gets the shortest length of a point, at least one minute; null for the finest resolution that is stored and has
    /// at most <see cref="MaxPoints"/> points.
    /// </summary>
    public TimeSpan? Resolution { get; init; }
}
