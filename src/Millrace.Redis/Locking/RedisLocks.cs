using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Locks in Redis: a key with the owner for each lock that is held, and a permanent key that counts its tokens. On a
/// cluster the name is in braces, so that both keys are on one node.
/// </summary>
/// <remarks>
/// The guarantees of Redis are limited to the data that it keeps. If it loses acknowledged writes, two callers may hold
/// a lock at once, and tokens may repeat. This can happen in a crash without <c>appendonly</c> and <c>appendfsync
/// always</c>, or when a replica takes over. If that must never happen, keep the locks in the store, which is the
/// default.
/// </remarks>
public sealed class RedisLocks : ILockProvider, IAsyncDisposable
{
    private const string TakeScript = """
        local holder = redis.call('GET', KEYS[1])
        if holder == ARGV[1] then
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
          return {tonumber(redis.call('GET', KEYS[2]))}
        end
        if holder then return {0, holder, redis.call('PTTL', KEYS[1])} end
        redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
        return {redis.call('INCR', KEYS[2])}
        """;

    private const string RenewScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[3])
        """;

    private const string ReleaseScript = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
        return redis.call('DEL', KEYS[1])
        """;

    private const string CounterSuffix = ":token";
    private const string HeldSuffix = ":lock";

    private readonly RedisClient _client;

    /// <summary>Creates the locks. They connect when they are first used.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not valid; the message
    /// lists all of them.</exception>
    public RedisLocks(RedisOptions options, TimeProvider time) => _client = new RedisClient(options, time);

    /// <inheritdoc/>
    public string Description => _client.Description;

    /// <inheritdoc/>
    public ValueTask<LockResponse> TryTake(
        string name,
        string owner,
        TimeSpan duration,
        CancellationToken cancellationToken
    ) => Run(TakeScript, name, [owner, Milliseconds(duration)], Read, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> Renew(
        string name,
        string owner,
        long token,
        TimeSpan duration,
        CancellationToken cancellationToken
    ) => Run(RenewScript, name, [owner, token, Milliseconds(duration)], IsDone, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken) =>
        Run(ReleaseScript, name, [owner, token], IsDone, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private ValueTask<T> Run<T>(
        string script,
        string name,
        RedisValue[] arguments,
        Func<RedisResult, T> read,
        CancellationToken cancellationToken)
    {
        var key = _client.KeyPrefix + name;
        return _client.Run(
            script,
            isCluster => isCluster ? ClusterKeys(key) : SingleServerKeys(key),
            arguments,
            read,
            cancellationToken);
    }

    /// <summary>
    /// Returns the keys of a lock. A name that ends like the key of a counter gets a suffix, because the counter of
    /// <c>a</c> is <c>a:token</c>.
    /// </summary>
    private static RedisKey[] SingleServerKeys(string key)
    {
        var stem = key;
        while (stem.EndsWith(HeldSuffix, StringComparison.Ordinal))
            stem = stem[..^HeldSuffix.Length];
        return [stem.EndsWith(CounterSuffix, StringComparison.Ordinal) ? key + HeldSuffix : key, key + CounterSuffix];
    }

    /// <summary>
    /// Returns the keys of a lock on a cluster, which must be on one node: the text in braces selects it.
    /// </summary>
    private static RedisKey[] ClusterKeys(string key)
    {
        var tag = key.Replace("%", "%25", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
        return [$"{{{tag}}}", $"{{{tag}}}{CounterSuffix}"];
    }

    private static LockResponse Read(RedisResult answer) =>
        answer.Items("the answer of a lock") switch
        {
            [{ Resp2Type: ResultType.Integer } token] when (long)token > 0 => LockResponse.Taken((long)token),
            [_, var holder, var remaining] => LockResponse.HeldBy(
                holder.Value("the holder of a lock").ToString(),
                TimeSpan.FromMilliseconds(Math.Max(0, remaining.Number("the time of a lock")))),
            _ => throw RedisConnectionLostException.UnexpectedReply("a lock is neither taken nor held"),
        };

    private static bool IsDone(RedisResult answer) => answer.Number("the answer of a lock") == 1;

    private static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;
}
