namespace Millrace;

/// <summary>A partition of a consumer as it stands, wherever it runs.</summary>
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

    /// <summary>Its number, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>What it is doing, by the word of the node that runs it.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>The last position it has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>The node that runs it; null when none does at the moment.</summary>
    public string? Node { get; init; }

    /// <summary>Since when that node has run it without a break; null when none does.</summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>Whether this node runs it.</summary>
    public bool IsHere { get; init; }

    /// <summary>How many of its events have failed or wait behind one that has.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>What keeps it from getting on, in words; null when nothing does.</summary>
    public string? Error { get; init; }

    /// <summary>The consumer as a whole, from its partitions in order.</summary>
    internal static ConsumerStatus Combine(IReadOnlyList<ConsumerStatus> partitions)
    {
        if (partitions.Count == 1)
            return partitions[0];
        var worst = partitions.MinBy(one =>
            (Array.IndexOf(BySeverity, one.State), one.StateSince ?? DateTimeOffset.MaxValue))!;
        var last = partitions.MinBy(one => one.Checkpoint)!; // There are some, or there would be no list.
        var isOnOne = partitions.All(one => one.Node is not null && one.Node == partitions[0].Node);
        return worst with
        {
            Checkpoint = last.Checkpoint,
            LagEvents = last.LagEvents,
            LagTime = last.LagTime,
            Node = isOnOne ? partitions[0].Node : null,
            NodeSince = isOnOne ? partitions.Max(one => one.NodeSince) : null,
            IsHere = partitions.Any(one => one.IsHere),
            OpenDeadLetters = partitions.Sum(one => one.OpenDeadLetters),
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
