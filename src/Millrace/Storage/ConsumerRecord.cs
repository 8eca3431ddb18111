namespace Millrace.Storage;

/// <summary>The stored state of a consumer's partition.</summary>
public sealed record ConsumerRecord
{
    /// <summary>Gets the name of the consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>Gets the partition, from 0.</summary>
    public required int Partition { get; init; }

    /// <summary>Gets the number of partitions of the consumer; 0 for a partition that does not exist.</summary>
    public int Partitions { get; init; } = 1;

    /// <summary>Gets the node that holds the lease; null if no node holds it.</summary>
    public string? Holder { get; init; }

    /// <summary>
    /// Gets the time since which the node has held the lease without interruption; null if no node holds the lease.
    /// </summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>
    /// Gets the lease epoch, which increases with each new holder. A commit with an older epoch is refused.
    /// </summary>
    public long LeaseEpoch { get; init; }

    /// <summary>Gets the time until which the lease is valid.</summary>
    public DateTimeOffset LeaseUntil { get; init; }

    /// <summary>
    /// Gets the last position that the consumer has finished; null if the consumer has never started, so that no commit
    /// or reset has stored a checkpoint.
    /// </summary>
    public long? Checkpoint { get; init; }

    /// <summary>Gets whether an operator paused the consumer.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Gets the number of open dead letters, which are failed, waiting or released.</summary>
    public long OpenDeadLetters { get; init; }

    /// <summary>Gets the number of open dead letters with a decision that the consumer has not seen yet.</summary>
    public long ReleasedDeadLetters { get; init; }

    /// <summary>Gets the state that the holder last reported, such as <c>Live</c>.</summary>
    public string? State { get; init; }

    /// <summary>Gets the time since which this state has been reported, by any holder.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>Gets the current error; null if there is no error.</summary>
    public string? Error { get; init; }

    /// <summary>Gets the time of the holder's last report.</summary>
    public DateTimeOffset? ReportedAt { get; init; }
}
