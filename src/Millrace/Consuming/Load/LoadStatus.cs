namespace Millrace;

/// <summary>The present adaptation of a consumer on this node.</summary>
public sealed record LoadStatus
{
    /// <summary>Gets what the consumer prefers.</summary>
    public required LoadPriority Priority { get; init; }

    /// <summary>Gets the maximum duration of a batch.</summary>
    public required TimeSpan TargetLatency { get; init; }

    /// <summary>Gets the maximum number of events of a batch.</summary>
    public required int BatchEvents { get; init; }

    /// <summary>Gets the number of workers.</summary>
    public required int Workers { get; init; }

    /// <summary>Gets the last decisions, the newest first; at most 50.</summary>
    public required IReadOnlyList<LoadDecision> Decisions { get; init; }
}
