using StackExchange.Redis;

namespace Millrace.Redis;

/// <summary>
/// Locks in one Redis: a key for each that is held, with its owner, and a second one that counts its tokens and stays.
/// On a cluster the name is in braces, so that both keys are on one node.
/// </summary>
/// <remarks>
/// One Redis promises what it still knows. When it loses what it had acknowledged, in a crash without <c>appendonly</c>
/// and <c>appendfsync always</c> or when a replica takes over, two may hold a lock at once, and tokens may be given a
/// second time. Where that must never be, keep the locks in the store, which is the default.
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

    /// <summary>Makes them. They connect when they are first used.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not what they must be; all
    /// of them are named.</exception>
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
            script, isCluster => isCluster ? InOneSlot(key) : OnOneServer(key), arguments, read, cancellationToken);
    }

    /// <summary>
    /// The keys of a lock. A name that ends as the key of a counter does has an ending of its own: the counter of
    /// <c>a</c> is <c>a:token</c>.
    /// </summary>
    private static RedisKey[] OnOneServer(string key)
    {
        var stem = key;
        while (stem.EndsWith(HeldSuffix, StringComparison.Ordinal))
            stem = stem[..^HeldSuffix.Length];
        return [stem.EndsWith(CounterSuffix, StringComparison.Ordinal) ? key + HeldSuffix : key, key + CounterSuffix];
    }

    /// <summary>The keys of a lock on a cluster, where both must be on one node: what braces enclose decides on
    /// which.</summary>
    private static RedisKey[] InOneSlot(string key)
    {
        var tag = key.Replace("%", "%25", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
        return [$"{{{tag}}}", $"{{{tag}}}{CounterSuffix}"];
    }

    private static LockResponse Read(RedisResult answer) =>
        answer.Items("what a lock answers") switch
        {
            [{ Resp2Type: ResultType.Integer } token] when (long)token > 0 => LockResponse.Taken((long)token),
            [_, var holder, var left] => LockResponse.HeldBy(
                holder.Value("the holder of a lock").ToString(),
                TimeSpan.FromMilliseconds(Math.Max(0, left.Number("the time of a lock")))),
            _ => throw RedisConnectionLostException.UnexpectedReply("a lock is neither taken nor held"),
        };

    private static bool IsDone(RedisResult answer) => answer.Number("what a lock answers") == 1;

    private static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;
}
