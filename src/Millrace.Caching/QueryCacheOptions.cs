using Millrace.Caching;
using Millrace.Shared.Redis;

namespace Millrace;

/// <summary>
/// Options for the query cache. The configuration section <c>Millrace:QueryCache</c> overrides the application's code.
/// They are read when the application starts; later changes have no effect.
/// </summary>
public sealed class QueryCacheOptions
{
    private const long MinBytes = 64 * 1024;
    private const long MaxMaxBytes = 1L << 40;

    /// <summary>
    /// Gets or sets the approximate maximum number of bytes of answers in memory; from 64 KiB to 1 TiB, 64 MiB by
    /// default. When it is reached, expired answers and those that were not used for longest are removed.
    /// </summary>
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Gets or sets the address of the Redis that nodes share: <c>redis://user:password@host:6379/0</c>, or
    /// <c>rediss://</c> with TLS; null, the default, for a cache only in the memory of each process.
    /// </summary>
    public string? Redis { get; set; }

    /// <summary>
    /// Gets or sets the prefix of the keys in Redis; 1 to 100 characters, <c>millrace:cache:</c> by default. Copies of
    /// a store need different prefixes, because their logs start with the same event.
    /// </summary>
    public string KeyPrefix { get; set; } = "millrace:cache:";

    /// <summary>
    /// Gets or sets the maximum time that a query waits for Redis; from 10 milliseconds to 5 seconds, 100 milliseconds
    /// by default. After a failure, Redis is not asked for 2 seconds.
    /// </summary>
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(100);

    internal IEnumerable<string> Problems()
    {
        const string Section = QueryCacheSettings.Section;
        if (MaxBytes is < MinBytes or > MaxMaxBytes)
            yield return $"{Section}:MaxBytes: must be from 65,536 to 1,099,511,627,776, but is {MaxBytes:N0}.";
        // The value is not repeated: it may contain a password.
        if (Redis is not null && RedisAddress.TryParse(Redis) is null)
            yield return $"{Section}:Redis: must be {RedisAddress.Form}.";
        if (KeyPrefix.Length is 0 or > 100)
            yield return $"{Section}:KeyPrefix: must have 1 to 100 characters, but has {KeyPrefix.Length}.";
        if (RedisTimeout < TimeSpan.FromMilliseconds(10) || RedisTimeout > TimeSpan.FromSeconds(5))
            yield return $"{Section}:RedisTimeout: must be from 10 milliseconds to 5 seconds, but is {RedisTimeout}.";
    }
}
