namespace Millrace.Redis;

/// <summary>What a subscriber of a channel is told.</summary>
/// <param name="IsGap">
/// Whether messages may have been missed before this: read the state anew. So begins every subscription, and what
/// follows is told from then on.
/// </param>
/// <param name="Body">The message; empty for a gap.</param>
public readonly record struct RedisChannelMessage(bool IsGap, ReadOnlyMemory<byte> Body)
{
    internal static RedisChannelMessage Gap => new(true, default);
}
