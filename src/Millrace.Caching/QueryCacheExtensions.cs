using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Caching;
using ZiggyCreatures.Caching.Fusion;

namespace Millrace;

/// <summary>Caches the answers to queries with FusionCache.</summary>
public static class QueryCacheExtensions
{
    /// <summary>
    /// Caches the answers to queries in the memory of the process, and in Redis if
    /// <see cref="QueryCacheOptions.Redis"/> is set. A second call adds queries, and its options apply.
    /// </summary>
    /// <param name="millrace">The application.</param>
    /// <param name="configure">Declares the cached queries, and the events that invalidate answers.</param>
    /// <param name="options">Sets the options.</param>
    public static MillraceBuilder AddQueryCache(
        this MillraceBuilder millrace,
        Action<QueryCacheBuilder> configure,
        Action<QueryCacheOptions>? options = null)
    {
        ArgumentNullException.ThrowIfNull(millrace);
        ArgumentNullException.ThrowIfNull(configure);
        return millrace.UseQueryCache(provider => Create(provider, options), configure);
    }

    private static FusionQueryCache Create(IServiceProvider provider, Action<QueryCacheOptions>? configure)
    {
        var options = new QueryCacheOptions();
        configure?.Invoke(options);
        QueryCacheSettings.Apply(provider.GetService<MillraceConfiguration>(), options);
        var loggers = provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance;
        return new FusionQueryCache(
            options,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<IMeterFactory>(),
            new CacheLogger(loggers.CreateLogger<FusionCache>()));
    }
}
