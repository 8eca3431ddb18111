namespace Millrace.Metrics;

/// <summary>The newest samples of a node, as they are stored.</summary>
internal sealed record LatestRecord
{
    public required DateTimeOffset At { get; init; }

    public required TimeSpan Interval { get; init; }

    /// <summary>Gets the process that uses the name of the node; null if it has released the name.</summary>
    public NodeHolder? Holder { get; init; }

    public required IReadOnlyList<LatestValue> Values { get; init; }
}

/// <summary>The newest sample of a series.</summary>
internal sealed record LatestValue(string Metric, string? Subject, double Value);
