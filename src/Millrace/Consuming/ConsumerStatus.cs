namespace Millrace;

/// <summary>The status of a consumer, on whichever node it runs, for operators.</summary>
public sealed record ConsumerStatus
{
    /// <summary>Gets the name; for a projection, the name of its collection.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the state that the node that runs it reported.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Gets the time at which the state was entered; null when none was reported yet.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>Gets the last position that it has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>
    /// Gets the number of events after the checkpoint, including those that the consumer does not receive.
    /// </summary>
    public required long LagEvents { get; init; }

    /// <summary>
    /// Gets the time since the first event after the checkpoint was recorded; zero when there is none.
    /// </summary>
    public required TimeSpan LagTime { get; init; }

    /// <summary>Gets the node that runs it; null when no node does at the moment, or several nodes share it.</summary>
    public string? Node { get; init; }

    /// <summary>
    /// Gets the time since which that node has run it without a break; null when no node does, or several nodes share
    /// it.
    /// </summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>
    /// Gets the partitions, in order, when it is partitioned. The other properties then describe the partition in the
    /// worst state, and the position that all partitions have finished. Empty when it is not partitioned.
    /// </summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>Gets whether this node runs it, or one of its partitions.</summary>
    public bool IsHere { get; init; }

    /// <summary>Gets whether an operator paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Gets the number of its events that have failed or wait behind a failed one. Their keys are blocked; all other
    /// keys continue.
    /// </summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>Gets the message of the error that keeps it from making progress; null when there is none.</summary>
    public string? Error { get; init; }

    /// <summary>Gets the same error with its details; available only on the node that runs it.</summary>
    public ConsumerProblem? Problem { get; init; }
}
