namespace Millrace;

/// <summary>The status of one partition of a consumer, on whichever node it runs.</summary>
public sealed record PartitionStatus
{
    /// <summary>Gets the number of the partition, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the state that the node that runs it reported.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Gets the last position that it has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>Gets the node that runs it; null when no node does at the moment.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the time since which that node has run it without a break; null when no node does.</summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>Gets whether this node runs it.</summary>
    public bool IsHere { get; init; }

    /// <summary>Gets the number of its events that have failed or wait behind a failed one.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>Gets the message of the error that keeps it from making progress; null when there is none.</summary>
    public string? Error { get; init; }
}
