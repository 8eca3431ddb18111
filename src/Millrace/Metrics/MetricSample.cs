namespace Millrace;

/// <summary>A value of a metric that a node measured in one interval.</summary>
public sealed record MetricSample
{
    /// <summary>Gets the name of the metric, from <see cref="MonitorMetrics"/>.</summary>
    public required string Metric { get; init; }

    /// <summary>
    /// Gets what was measured, such as the name of a consumer or a command; null for the node as a whole.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Gets the name of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the end of the interval, by the storage's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the value, in the unit of the metric.</summary>
    public required double Value { get; init; }
}
