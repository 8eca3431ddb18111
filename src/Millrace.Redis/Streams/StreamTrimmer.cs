using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Keeps a stream short that is of use for a time only: what is older goes, and all of it with its groups when nobody
/// has been there for so long.
/// </summary>
internal static class StreamTrimmer
{
    private const string Script = """
        local now = redis.call('TIME')
        local least = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[1]
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        return redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', least))
        """;

    public static ValueTask<RedisResult> Remove(
        GroupClient group,
        TimeSpan keptFor,
        CancellationToken cancellationToken
    ) => group.Run(Script, [group.Name.Stream], [(long)keptFor.TotalMilliseconds], cancellationToken);
}
