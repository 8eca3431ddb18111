using Microsoft.Extensions.Caching.Distributed;
using StackExchange.Redis;

namespace Millrace.Caching;

/// <summary>
/// Stores entries of FusionCache in Redis. Every call has a limit, and a failure is an exception, so that the circuit
/// breaker of FusionCache opens.
/// </summary>
internal sealed class RedisDistributedCache(RedisConnector connector, TimeSpan timeout, TimeProvider time)
    : IDistributedCache
{
    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await Limit(static (database, key) => database.StringGetAsync(key), (RedisKey)key, token).ConfigureAwait(false);

    public Task SetAsync(
        string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var expiry = options.AbsoluteExpirationRelativeToNow ?? options.AbsoluteExpiration - time.GetUtcNow();
        if (expiry is not { } limited || limited <= TimeSpan.Zero)
            return Task.CompletedTask; // Nothing in Redis remains without an expiry.
        return Limit(
            static (database, entry) => database.StringSetAsync(entry.Key, entry.Value, new Expiration(entry.Expiry)),
            (Key: (RedisKey)key, Value: value, Expiry: limited),
            token);
    }

    public Task RemoveAsync(string key, CancellationToken token = default) =>
        Limit(static (database, key) => database.KeyDeleteAsync(key), (RedisKey)key, token);

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public byte[]? Get(string key) => throw OnlyAsynchronous();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw OnlyAsynchronous();

    public void Remove(string key) => throw OnlyAsynchronous();

    public void Refresh(string key) => throw OnlyAsynchronous();

    private static NotSupportedException OnlyAsynchronous() =>
        new("Redis is only called asynchronously, so that no thread waits for it.");

    private async Task<T> Limit<T, TArgument>(
        Func<IDatabase, TArgument, Task<T>> call, TArgument argument, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var connection = await connector.Get().WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        var answer = call(connection.GetDatabase(), argument);
        try
        {
            var remaining = timeout - time.GetElapsedTime(started);
            return await answer
                .WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, time, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            // The late answer is not needed, and its failure must not be reported as unobserved.
            _ = answer.ContinueWith(
                static late => late.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            throw;
        }
    }
}
