using Millrace.Storage;

namespace Millrace;

/// <summary>An event in the line of a key, with what the consumer needs to know to tell whose turn it is.</summary>
internal sealed class BlockedEvent(BlockedKey line, long position, DeadLetterState state, DateTimeOffset? retryAt)
{
    public BlockedKey Line { get; } = line;

    public long Position { get; } = position;

    public DeadLetterState State { get; set; } = state;

    public DateTimeOffset? RetryAt { get; set; } = retryAt;

    /// <summary>Whether it is committed; until then it may be forgotten again.</summary>
    public bool IsStored { get; set; }
}
