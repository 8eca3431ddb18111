using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Trims a stream with a retention: removes older entries. Redis removes the whole stream with its groups if no
/// receiver has trimmed it for that time.
/// </summary>
internal static class StreamTrimmer
{
    private const string Script = """
        local now = redis.call('TIME')
        local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', oldest))
        """;

    public static ValueTask<RedisResult> Remove(
        GroupClient group,
        TimeSpan keptFor,
        CancellationToken cancellationToken
    ) => group.Run(Script, [group.Name.Stream], [(long)keptFor.TotalMilliseconds], cancellationToken);
}
