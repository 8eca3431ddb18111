namespace Millrace;

/// <summary>The status of one partition of a consumer, on whichever node it runs.</summary>
public sealed record PartitionStatus
{
    /// <summary>Gets the number of the partition, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the state that the partition's node reported.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Gets the last position that the partition has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>Gets the node that runs the partition; null if no node runs it at the moment.</summary>
    public string? Node { get; init; }

    /// <summary>
    /// Gets the time since which the node has run the partition without a break; null if <see cref="Node"/> is null.
    /// </summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>Gets whether this node runs the partition.</summary>
    public bool IsHere { get; init; }

    /// <summary>Gets the number of the partition's events that have failed or wait for a failed event.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>
    /// Gets the message of the error that keeps the partition from making progress; null if there is none.
    /// </summary>
    public string? Error { get; init; }
}
