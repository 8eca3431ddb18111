using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>The projections of one store, for <see cref="Projections"/>.</summary>
internal sealed class StoreProjections
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);

    private readonly ShardHost _shard;
    private readonly ConsumerHost _host;
    private readonly StoreConsumers _consumers;
    private readonly ProgressWaiter _waiter;
    private readonly IReadOnlyList<ProjectionDefinition> _definitions;

    public StoreProjections(ShardHost shard, IReadOnlyList<ProjectionDefinition> definitions)
    {
        _shard = shard;
        _host = shard.Host;
        _definitions = definitions;
        _consumers = new StoreConsumers(shard);
        _waiter = new ProgressWaiter(_host);
        Rebuilds = new RebuildService(_host);
    }

    /// <summary>Gets the shard with its consumers.</summary>
    public ShardHost Shard => _shard;

    /// <summary>Gets the builds of this store.</summary>
    public RebuildService Rebuilds { get; }

    private IStorage Storage => _host.Store.Storage;

    /// <inheritdoc cref="Projections.List"/>
    public async ValueTask<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancellationToken)
    {
        var consumers = new Dictionary<string, ConsumerStatus>(StringComparer.Ordinal);
        foreach (var status in await _consumers.List(cancellationToken).ConfigureAwait(false))
            consumers[status.Name] = status;
        var projections = new List<ProjectionStatus>();
        foreach (var collection in await Storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            // Other collections are not built from events. Some have a consumer (timers, processes), others have none
            // (snapshots).
            var name = collection.Definition.Name;
            if (CollectionName.VersionOf(name) > 0 && consumers.TryGetValue(name, out var consumer))
                projections.Add(
                    new ProjectionStatus
                    {
                        Collection = name,
                        Documents = collection.Documents,
                        Consumer = consumer,
                    }
                );
        }
        return projections;
    }

    /// <summary>Returns the read models of the catalog.</summary>
    public async ValueTask<IReadOnlyList<ReadModelRecord>> Catalog(CancellationToken cancellationToken)
    {
        var records = await Storage.Documents.ListReadModels(cancellationToken).ConfigureAwait(false);
        return _shard.Shard is null ? records : [.. records.Select(record => record with { Shard = _shard.Shard })];
    }

    /// <summary>Returns whether a projection has documents in this store.</summary>
    public async ValueTask<bool> Contains(string collection, CancellationToken cancellationToken)
    {
        var exists = false;
        foreach (var projection in await List(cancellationToken).ConfigureAwait(false))
            exists |= projection.Collection == collection;
        return exists;
    }

    /// <summary>Removes the documents of a projection that exists.</summary>
    public async ValueTask StartRebuild(string collection, CancellationToken cancellationToken)
    {
        await FollowerStates.RemoveOf(_host.Store, collection, cancellationToken).ConfigureAwait(false);
        // One transaction removes the documents and the open dead letters. An interruption therefore cannot leave
        // documents that lack events without the dead letters of these events.
        await Storage.Documents.Clear(collection, collection, cancellationToken).ConfigureAwait(false);
        await _consumers.RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a rebuild has reached the present end of the log.</summary>
    public async Task WaitForRebuild(
        string collection, IProgress<RebuildProgress>? progress, CancellationToken cancellationToken)
    {
        var total = (await Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var started = _host.Store.Time.GetTimestamp();
        for (var done = 0L; done < total;)
        {
            done = await _waiter.Wait(collection, total, ReportEvery, cancellationToken).ConfigureAwait(false);
            progress?.Report(RebuildProgress.Of(0, done, total, _host.Store.Time.GetElapsedTime(started).TotalSeconds));
        }
    }

    /// <summary>Waits for a build.</summary>
    public Task Watch(
        string name,
        string building,
        BuildSwitch switchWhen,
        IProgress<RebuildProgress>? progress,
        CancellationToken cancellationToken) =>
        Rebuilds.Watch(name, building, switchWhen, ReportEvery, progress, cancellationToken);

    /// <inheritdoc cref="Projections.Check"/>
    public async Task<ReadModelCheck> Check(
        string collection, TimeSpan wait, CancellationToken cancellationToken)
    {
        var first = CollectionName.FirstOf(collection);
        var definition =
            _definitions.FirstOrDefault(known =>
                known.Collection == first && known.Lifecycle != ProjectionLifecycle.Live)
            ?? throw new ProjectionNotFoundException(collection);
        var token = await _host.Store.GetToken(cancellationToken).ConfigureAwait(false);
        if (_host.IsRunning)
            // Another program may have cleared the collection without this node's knowledge.
            await _host.LeaseCoordinator.Inspect(cancellationToken).ConfigureAwait(false);
        if (!await _consumers.WaitFor(collection, token, wait, cancellationToken).ConfigureAwait(false))
            throw new TimeoutException(
                $"The projection '{collection}' did not reach the end of the log within {wait}.");
        return await definition.Check(_host.Store, collection, token.Position, cancellationToken).ConfigureAwait(false);
    }
}
