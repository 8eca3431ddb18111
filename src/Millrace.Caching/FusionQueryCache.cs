using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;

namespace Millrace.Caching;

/// <summary>
/// The levels of the query cache in FusionCache: the memory of the process and, optionally, Redis. The backplane
/// removes an answer from the memory of other nodes when a node stores a newer one.
/// </summary>
internal sealed class FusionQueryCache : IQueryCacheStorage
{
    private static readonly TimeSpan CircuitBreak = TimeSpan.FromSeconds(2);

    // Writes to Redis that are repeated after a failure. Others are lost: positions decide which answers are right.
    private const int MaxRepeatedWrites = 1_000;

    // Only the memory.
    private static readonly FusionCacheEntryOptions ReadMemory = new()
    {
        SkipDistributedCacheRead = true,
        SkipDistributedCacheWrite = true,
        SkipBackplaneNotifications = true,
    };

    private readonly string _keyPrefix;
    private readonly MemoryCache _memory;
    private readonly FusionCache _cache;
    private readonly RedisConnector? _redis;
    private readonly FusionCacheEntryOptions _readRedis;

    public FusionQueryCache(
        QueryCacheOptions options, TimeProvider time, IMeterFactory? meters, ILogger<FusionCache> logger)
    {
        _keyPrefix = options.KeyPrefix;
        _memory = new MemoryCache(new MemoryCacheOptions { SizeLimit = options.MaxBytes, TrackStatistics = true });
        _cache = new FusionCache(Options.Create(CacheOptions(options)), _memory, logger);
        var metrics = new CacheMetrics(meters, _memory);
        _cache.Events.Memory.Eviction += (_, evicted) => metrics.RecordEviction(evicted.Reason);
        // Only Redis: an answer in memory has the size and the expiry that Put states.
        _readRedis = new FusionCacheEntryOptions
        {
            SkipMemoryCacheRead = true,
            SkipMemoryCacheWrite = true,
            ReThrowSerializationExceptions = false, // Bytes that are no answer, or of another version, are a miss.
            // Only if a call of Redis ignores its own limit, which opens the circuit.
            DistributedCacheHardTimeout = 2 * options.RedisTimeout,
        };
        if (options.Redis is null)
            return;
        _redis = new RedisConnector(options.Redis);
        _cache.SetupDistributedCache(
            new RedisDistributedCache(_redis, options.RedisTimeout, time), new CachedAnswerSerializer());
        _cache.SetupBackplane(
            new RedisBackplane(new RedisBackplaneOptions { ConnectionMultiplexerFactory = _redis.Get }));
    }

    public bool IsShared => _redis is not null;

    public CachedAnswer? Find(string key) => ValueOf(_cache.TryGet<CachedAnswer>(key, ReadMemory));

    public async ValueTask<CachedAnswer?> FindShared(string key, CancellationToken cancellationToken)
    {
        if (_redis is null)
            return null;
        var found = await _cache
            .TryGetAsync<CachedAnswer>(key, _readRedis, cancellationToken)
            .ConfigureAwait(false);
        return ValueOf(found);
    }

    public ValueTask Put(
        string key, CachedAnswer answer, TimeSpan expiry, bool isFromShared, CancellationToken cancellationToken)
    {
        if (expiry <= TimeSpan.Zero)
            return ValueTask.CompletedTask;
        var isOnlyInMemory = _redis is null || isFromShared || answer.Bytes.IsEmpty;
        var options = new FusionCacheEntryOptions(expiry)
        {
            Size = answer.SizeBytes,
            SkipDistributedCacheWrite = isOnlyInMemory,
            SkipBackplaneNotifications = isOnlyInMemory,
            AllowBackgroundDistributedCacheOperations = true, // No query waits until Redis has the answer.
            AllowBackgroundBackplaneOperations = true,
        };
        return _cache.SetAsync(key, answer, options, tags: null, cancellationToken);
    }

    public void Clear() => _memory.Clear();

    public void Remove(string keyStart)
    {
        ArgumentNullException.ThrowIfNull(keyStart);
        foreach (var key in _memory.Keys)
        {
            if (key is string text && text.StartsWith(_keyPrefix + keyStart, StringComparison.Ordinal))
                _memory.Remove(key);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _cache.Dispose();
        _memory.Dispose();
        if (_redis is not null)
            await _redis.DisposeAsync().ConfigureAwait(false);
    }

    private static CachedAnswer? ValueOf(MaybeValue<CachedAnswer> found) => found.HasValue ? found.Value : null;

    private static FusionCacheOptions CacheOptions(QueryCacheOptions options) => new()
    {
        CacheName = "millrace",
        CacheKeyPrefix = options.KeyPrefix,
        BackplaneChannelPrefix = options.KeyPrefix + "changes",
        DistributedCacheKeyModifierMode = CacheKeyModifierMode.Suffix, // The configured prefix comes first.
        DisableTagging = true, // Tags are compared by positions of the log.
        AutoRecoveryMaxItems = MaxRepeatedWrites,
        DistributedCacheCircuitBreakerDuration = CircuitBreak,
        BackplaneCircuitBreakerDuration = CircuitBreak,
        EnableBestPracticesAdvisor = false,
    };
}
