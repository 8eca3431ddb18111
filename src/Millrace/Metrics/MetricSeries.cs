namespace Millrace;

/// <summary>The history of a metric of one subject on one node.</summary>
public sealed record MetricSeries
{
    /// <summary>Gets the name of the metric.</summary>
    public required string Metric { get; init; }

    /// <summary>
    /// Gets what was measured, such as the name of a consumer or a command; null for the node as a whole.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Gets the name of the node.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the points, oldest first. Periods without samples have no point.</summary>
    public required IReadOnlyList<MetricPoint> Points { get; init; }
}
