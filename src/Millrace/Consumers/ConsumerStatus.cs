namespace Millrace;

/// <summary>A consumer as it stands, wherever it runs.</summary>
public sealed record ConsumerStatus
{
    /// <summary>Its name; for a projection the name of its collection.</summary>
    public required string Name { get; init; }

    /// <summary>What it is doing, by the word of the node that runs it.</summary>
    public required ConsumerState State { get; init; }

    /// <summary>Since when it has been doing that; null when nobody has said so yet.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>The last position it has finished.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>How many events of the log lie behind that; those it does not ask for are counted too.</summary>
    public required long LagEvents { get; init; }

    /// <summary>How long ago the first event behind the checkpoint was recorded; zero when there is none.</summary>
    public required TimeSpan LagTime { get; init; }

    /// <summary>The node that runs it; null when none does at the moment, or several share it.</summary>
    public string? Node { get; init; }

    /// <summary>Since when that node has run it without a break; null when none does, or several share it.</summary>
    public DateTimeOffset? NodeSince { get; init; }

    /// <summary>
    /// Its partitions, in order, when it is divided: then the rest tells the worst of them, and the position that all
    /// have finished. Empty when it is not.
    /// </summary>
    public IReadOnlyList<PartitionStatus> Partitions { get; init; } = [];

    /// <summary>Whether this node runs it, or a partition of it.</summary>
    public bool IsHere { get; init; }

    /// <summary>Whether an operator paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many of its events have failed or wait behind one that has; the keys of these are held, all others
    /// go on.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>What keeps it from getting on, in words; null when nothing does.</summary>
    public string? Error { get; init; }

    /// <summary>The same with its facts; known only on the node that runs it.</summary>
    public ConsumerProblem? Problem { get; init; }
}
