using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Millrace.Store;

namespace Millrace.Queries;

/// <summary>The cache of the answers of one store, or of one tenant.</summary>
internal sealed class QueryCache : IStoreService, IAsyncDisposable
{
    private readonly QueryCacheDeclaration _declaration;
    private readonly InvalidationFollower _follower;
    private int _isStarted;
    private volatile bool _isStopped;
    private volatile QueryTrial? _trial;

    public QueryCache(QueryCacheDeclaration declaration, EventStore store, string tenant, QueryCacheMetrics metrics,
        ILogger logger)
    {
        _declaration = declaration;
        (Store, Tenant, Metrics, Logger) = (store, tenant, metrics, logger);
        _follower = new InvalidationFollower(
            store, declaration.Cached.Invalidations, declaration.Collections, metrics, logger);
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

    /// <summary>Gets or sets the trial that measures the cache; null without one, and after its time.</summary>
    public QueryTrial? Trial
    {
        get => _trial is { IsOver: false } trial ? trial : null;
        set => _trial = value;
    }

    /// <summary>Gets whether the store is closed, so that no erasure clears its answers any more.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>Returns the cached handler of a query; null if the query is not cached.</summary>
    public CachedQuery<TQuery, TResult>? Find<TQuery, TResult>(QueryDefinition<TQuery, TResult> definition)
        where TQuery : IQuery<TResult> =>
        _declaration.Cached.Queries.TryGetValue(typeof(TQuery), out var options)
            ? new CachedQuery<TQuery, TResult>(definition, (CachedQueryOptions<TQuery>)options, this)
            : null;

    /// <summary>Returns whether queries read all of some collections now.</summary>
    public bool AreCurrent(IReadOnlyList<string> collections) =>
        _declaration.Collections.Contain(Store.ReadModels, collections);

    /// <summary>Gets whether any member of the model is personal data or a secret.</summary>
    public bool ModelHasMarks => _declaration.ModelHasMarks;

    /// <summary>Returns whether values of a type can contain personal data or secrets.</summary>
    public bool HasMarks(Type type) => _declaration.HasMarks(type);

    /// <exception cref="InvalidOperationException">The type has no JSON metadata.</exception>
    public JsonTypeInfo<T> JsonOf<T>(string query) =>
        _declaration.Json.TryGetTypeInfo(typeof(T), out var info)
            ? (JsonTypeInfo<T>)info
            : throw new InvalidOperationException(
                $"The query '{query}' cannot be cached, because {typeof(T).Name} has no JSON metadata. Add "
                + $"[JsonSerializable(typeof({typeof(T).Name}))] to a JSON context of the model.");

    public Task Start(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
            Store.Stored.KeysDestroyed += Storage.Clear;
        return _follower.Start(cancellationToken);
    }

    public Task Stop(CancellationToken cancellationToken) => DisposeAsync().AsTask().WaitAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        _isStopped = true;
        if (Interlocked.Exchange(ref _isStarted, 0) == 1)
        {
            Store.Stored.KeysDestroyed -= Storage.Clear;
            RemoveAnswers();
        }
        return _follower.DisposeAsync();
    }

    /// <summary>
    /// Removes the answers of a closed tenant from the memory that tenants share: another node may erase values or
    /// remove the tenant.
    /// </summary>
    public void RemoveAnswers()
    {
        if (Tenant.Length > 0)
            Storage.Remove(AnswerKeys.StartOf(Tenant));
    }
}
