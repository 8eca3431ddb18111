namespace Millrace;

/// <summary>The status of a consumer, on whichever node it runs, for operators.</summary>
public sealed record ConsumerStatus
{
    /// <summary>Gets the name; for a projection, the name of its collection.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the name of the shard whose events it handles; null without shards.</summary>
    public string? Shard { get; init; }

    /// <summary>Gets the state that the consumer's node reported.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Gets the time at which the consumer entered the state; null if no state was reported yet.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>Gets the last position that the consumer has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>
    /// Gets the number of events after the checkpoint, including those that the consumer does not receive.
    /// </summary>
    public required long LagEvents { get; init; }

    /// <summary>
    /// Gets the time since the first event after the checkpoint was recorded; zero when there is none.
    /// </summary>
    public required TimeSpan LagTime { get; init; }

    /// <summary>
    /// Gets the node that runs the consumer; null if no node runs it at the moment, or if several nodes share it.
    /// </summary>
    public string? Node { get; init; }

    /// <summary>
    /// Gets the time since which the node has run the consumer without a break; null if <see cref="Node"/> is null.
    /// </summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>
    /// Gets the partitions in order; empty if the consumer is not partitioned. With partitions, the other properties
    /// describe the partition in the worst state, and the position that all partitions have finished.
    /// </summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>Gets whether this node runs the consumer, or one of its partitions.</summary>
    public bool IsHere { get; init; }

    /// <summary>
    /// Gets the size of batches, the number of workers and their last changes, if this node runs the consumer and it
    /// adapts them; otherwise null. With partitions, it is that of the first partition on this node.
    /// </summary>
    public LoadStatus? Load { get; init; }

    /// <summary>Gets whether an operator paused the consumer.</summary>
    public bool IsPaused { get; init; }

    /// <summary>
    /// Gets the number of the consumer's events that have failed or wait for a failed event. Their keys are blocked,
    /// and all other keys continue.
    /// </summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>
    /// Gets the message of the error that keeps the consumer from making progress; null if there is none.
    /// </summary>
    public string? Error { get; init; }

    /// <summary>Gets the same error with its details; available only on the node that runs the consumer.</summary>
    public ConsumerProblem? Problem { get; init; }

    /// <summary>Gets whether a node that is alive runs the consumer, or could do so.</summary>
    internal bool HasNode { get; init; } = true;
}
