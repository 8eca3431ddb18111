namespace Millrace;

/// <summary>The status of one partition of a consumer, on whichever node it runs.</summary>
public sealed record PartitionStatus
{
    private static readonly ConsumerState[] BySeverity =
    [
        ConsumerState.Faulted,
        ConsumerState.Stalled,
        ConsumerState.CircuitOpen,
        ConsumerState.Paused,
        ConsumerState.CatchingUp,
        ConsumerState.Live,
    ];

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

    /// <summary>Combines the partitions of a consumer, in order, into the status of the consumer.</summary>
    internal static ConsumerStatus Combine(IReadOnlyList<ConsumerStatus> partitions)
    {
        if (partitions.Count == 1)
            return partitions[0];
        var worst = partitions.MinBy(status =>
            (Array.IndexOf(BySeverity, status.State), status.StateSince ?? DateTimeOffset.MaxValue))!;
        var last = partitions.MinBy(status => status.Checkpoint)!; // The list is never empty.
        var isOnOne = partitions.All(status => status.Node is not null && status.Node == partitions[0].Node);
        return worst with
        {
            Checkpoint = last.Checkpoint,
            LagEvents = last.LagEvents,
            LagTime = last.LagTime,
            Node = isOnOne ? partitions[0].Node : null,
            NodeSince = isOnOne ? partitions.Max(status => status.NodeSince) : null,
            IsHere = partitions.Any(status => status.IsHere),
            OpenDeadLetters = partitions.Sum(status => status.OpenDeadLetters),
            Partitions = [.. partitions.Select(Of)],
        };
    }

    private static PartitionStatus Of(ConsumerStatus status, int partition) => new()
    {
        Partition = partition,
        State = status.State,
        Checkpoint = status.Checkpoint,
        Node = status.Node,
        NodeSince = status.NodeSince,
        IsHere = status.IsHere,
        OpenDeadLetters = status.OpenDeadLetters,
        Error = status.Error,
    };
}
