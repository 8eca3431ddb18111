namespace Millrace.Storage;

/// <summary>A partition of a consumer as it stands in the store.</summary>
public sealed record ConsumerRecord
{
    /// <summary>The consumer's name.</summary>
    public required string Consumer { get; init; }

    /// <summary>The partition, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>How many partitions the consumer is divided into; 0 for one that there is not.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>The node that holds the lease; null when none does.</summary>
    public string? Holder { get; init; }

    /// <summary>Since when it holds it without a break; null when none does.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>Counts the holders; a commit with an older one is refused.</summary>
    public long LeaseEpoch { get; init; }

    /// <summary>Until when the lease holds.</summary>
    public DateTimeOffset LeaseUntil { get; init; }

    /// <summary>
    /// The last position that is finished; null when none was ever stored, neither by a commit nor by a reset: it has
    /// never begun.
    /// </summary>
    public long? Checkpoint { get; init; }

    /// <summary>Whether an operator paused it.</summary>
    public bool IsPaused { get; init; }

    /// <summary>How many dead letters of it are open: failed, waiting, or released by somebody.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>How many of them somebody decided about, and the consumer has not seen yet.</summary>
    public long ReleasedDeadLetters { get; init; }

    /// <summary>What its holder last said of itself, such as <c>Live</c>.</summary>
    public string? State { get; init; }

    /// <summary>Since when it has said so, whoever held it.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>The error it last stumbled over, if it still does.</summary>
    public string? Error { get; init; }

    /// <summary>When its holder last said so.</summary>
    public DateTimeOffset? ReportedAt { get; init; }
}
