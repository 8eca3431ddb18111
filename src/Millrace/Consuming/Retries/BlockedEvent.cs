using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>An event of a blocked key, with the state that decides when it is retried.</summary>
internal sealed class BlockedEvent(BlockedKey blockedKey, long position, DeadLetterState state, DateTimeOffset? retryAt)
{
    public BlockedKey BlockedKey { get; } = blockedKey;

    public long Position { get; } = position;

    public DeadLetterState State { get; set; } = state;

    public DateTimeOffset? RetryAt { get; set; } = retryAt;

    /// <summary>
    /// Gets or sets whether the dead letter of the event is committed. Until then, the consumer can drop the event.
    /// </summary>
    public bool IsStored { get; set; }
}
