namespace Millrace.Redis;

/// <summary>A message for a subscriber of a channel.</summary>
/// <param name="IsGap">True if messages may have been missed before this one: read the state again. Every subscription
/// starts with a gap, and receives all messages after it.</param>
/// <param name="Body">The message; empty for a gap.</param>
public readonly record struct RedisChannelMessage(bool IsGap, ReadOnlyMemory<byte> Body)
{
    internal static RedisChannelMessage Gap => new(true, default);
}
