using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Millrace.Store;

namespace Millrace.Queries;

/// <summary>The cache of the answers of one store, or of one tenant.</summary>
internal sealed class QueryCache : IStoreService, IAsyncDisposable
{
    private readonly QueryCacheDeclaration _declaration;
    private readonly InvalidationFollower _follower;

    public QueryCache(QueryCacheDeclaration declaration, EventStore store, string tenant, QueryCacheMetrics metrics,
        ILogger logger)
    {
        _declaration = declaration;
        (Store, Tenant, Metrics, Logger) = (store, tenant, metrics, logger);
        _follower = new InvalidationFollower(store, declaration.Cached.Invalidations, metrics, logger);
    }

    public EventStore Store { get; }

    public string Tenant { get; }

    public QueryCacheMetrics Metrics { get; }

    public ILogger Logger { get; }

    public IQueryCacheStorage Storage => _declaration.Storage;

    public string Build => _declaration.Build;

    /// <summary>
    /// Gets what this node knows about invalidations; null if it does not know enough to use cached answers.
    /// </summary>
    public FollowedLog? Log => _follower.Current;

    /// <summary>Returns the cached handler of a query; null if the query is not cached.</summary>
    public CachedQuery<TQuery, TResult>? Find<TQuery, TResult>(QueryDefinition<TQuery, TResult> definition)
        where TQuery : IQuery<TResult> =>
        _declaration.Cached.Queries.TryGetValue(typeof(TQuery), out var options)
            ? new CachedQuery<TQuery, TResult>(definition, (CachedQueryOptions<TQuery>)options, this)
            : null;

    /// <summary>Returns whether values of a type can contain personal data or secrets.</summary>
    public bool HasMarks(Type type) => _declaration.HasMarks(type);

    /// <exception cref="InvalidOperationException">The type has no JSON metadata.</exception>
    public JsonTypeInfo<T> JsonOf<T>(string query) =>
        _declaration.Json.TryGetTypeInfo(typeof(T), out var info)
            ? (JsonTypeInfo<T>)info
            : throw new InvalidOperationException(
                $"The query '{query}' cannot be cached, because {typeof(T).Name} has no JSON metadata. Add "
                + $"[JsonSerializable(typeof({typeof(T).Name}))] to a JSON context of the model.");

    public Task Start(CancellationToken cancellationToken) => _follower.Start(cancellationToken);

    public Task Stop(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    public ValueTask DisposeAsync() => _follower.DisposeAsync();
}
