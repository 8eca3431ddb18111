using Microsoft.Extensions.Logging;

namespace Millrace.Sharding;

/// <summary>
/// The shards that this node reaches, and the map. Checks each shard regularly, independently of the others.
/// </summary>
/// <remarks>The first shard is the home shard, which contains the catalog.</remarks>
internal sealed partial class ShardSet : IAsyncDisposable
{
    private readonly ShardPlacement _placement;
    private readonly ShardOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ShardConnection[] _all;
    private readonly ShardCatalog _catalog;
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _loops = [];
    private int _isRefreshing; // 1 while a loop reads the map.
    private bool _isDisposed;

    public ShardSet(
        IReadOnlyList<(ShardId Shard, IShardStore Store)> shards,
        ShardPlacement placement,
        ShardOptions options,
        TimeProvider time,
        ShardMetrics? metrics,
        ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfZero(shards.Count);
        (_placement, _options, _time, _logger) = (placement, options.Copy(), time, logger);
        _all =
        [
            .. shards.Select(one => new ShardConnection(one.Shard, one.Store, _options, time, metrics, logger)),
        ];
        _catalog = new ShardCatalog(Home.Documents, RaiseFences, FindMissing);
        Assignments = new ShardAssignments(Home.Inner.Store);
        Moves = new TenantMoveRecords(Home.Inner.Store);
        metrics?.Observe(this);
    }

    /// <summary>Gets the shards that this node has in its configuration; the home shard is the first one.</summary>
    public IReadOnlyList<ShardConnection> All => _all;

    /// <summary>Gets the shard that contains the catalog.</summary>
    public ShardConnection Home => _all[0];

    /// <summary>Gets the recorded shards of keys, in the home shard.</summary>
    public ShardAssignments Assignments { get; }

    /// <summary>Gets the records of running moves of tenants, in the home shard.</summary>
    public TenantMoveRecords Moves { get; }

    /// <summary>Gets what is disposed after the shards.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    /// <summary>Gets or sets what runs after each step of a change, for tests that interrupt it.</summary>
    public Action<string> AfterStep
    {
        get => _catalog.AfterStep;
        set => _catalog.AfterStep = value;
    }

    /// <summary>Gets the maximum time during which a tenant that moves is not available.</summary>
    public TimeSpan MaxMovePause => _options.MaxMovePause;

    /// <summary>Gets whether the map is known.</summary>
    public bool IsStarted => _catalog.IsKnown;

    /// <summary>Gets the newest map that this node has read.</summary>
    public ShardMap Map => _catalog.Current;

    /// <summary>Returns the connection to a shard; null if this node has none.</summary>
    public ShardConnection? Find(ShardId shard) => Array.Find(_all, one => one.Shard == shard);

    /// <summary>Returns the connection to a shard of the map.</summary>
    /// <exception cref="ShardUnavailableException">This node has no store for the shard.</exception>
    public ShardConnection Get(ShardId shard) => Find(shard) ?? throw NotConfigured(shard);

    public static ShardUnavailableException NotConfigured(ShardId shard) =>
        new(shard, "this node has no store for it. Add it in UseShards, as on the other nodes.");

    /// <summary>
    /// Opens the home shard, and reads the map. Opens the other shards as far as they are available, and continues to
    /// open the others until they are. At the first start, all shards must be available.
    /// </summary>
    /// <exception cref="ShardIdentityException">A store is not the shard whose name it has.</exception>
    /// <exception cref="ShardUnavailableException">The application has no map yet, and a shard is not
    /// available.</exception>
    public async ValueTask Start(CancellationToken cancellationToken)
    {
        if (_loops.Length > 0)
            return;
        await LostShardCheck.ThrowIfHomeLost(_all, _options.OpenTimeout, cancellationToken).ConfigureAwait(false);
        // An upgrade of the schema can take long, and the host limits the start.
        await Home.OpenStore(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        await OpenCatalog(cancellationToken).ConfigureAwait(false);
        await EnsureTenantRecords(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(_all.Select(shard => shard.Check(Map, cancellationToken))).ConfigureAwait(false);
        if (Map.IsInitial)
            await AddAll(cancellationToken).ConfigureAwait(false);
        foreach (var shard in _all)
        {
            if (shard is { State: ShardState.WrongStore, Problem: { } problem })
                throw new ShardIdentityException(shard.Shard, problem);
        }
        _loops = [.. _all.Select(shard => Task.Run(() => Run(shard, _stopping.Token), CancellationToken.None))];
    }

    /// <summary>Reads the map of an open home shard, for tools, which do not check shards regularly.</summary>
    public async ValueTask StartTool(CancellationToken cancellationToken)
    {
        await Home.OpenStore(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        await OpenCatalog(cancellationToken).ConfigureAwait(false);
        await EnsureTenantRecords(cancellationToken).ConfigureAwait(false);
        await Home.Check(Map, cancellationToken).ConfigureAwait(false);
        if (Home is { State: ShardState.WrongStore, Problem: { } problem })
            throw new ShardIdentityException(Home.Shard, problem);
    }

    /// <summary>Returns the current map, which is read again only if it has changed.</summary>
    public async ValueTask<ShardMap> GetFreshMap(CancellationToken cancellationToken)
    {
        var map = await Home.Run((_, cancel) => _catalog.GetFresh(cancel), cancellationToken).ConfigureAwait(false);
        foreach (var shard in _all)
        {
            // Another node has added it since the last check.
            if (shard.State == ShardState.NotAdded && map.Find(shard.Shard) is not null)
                await shard.Check(map, cancellationToken).ConfigureAwait(false);
        }
        return map;
    }

    /// <summary>Reads the map, and completes a change that another node has started.</summary>
    public ValueTask<ShardMap?> Refresh(CancellationToken cancellationToken) =>
        Home.Run((_, cancel) => _catalog.Refresh(cancel), cancellationToken);

    /// <summary>Adds a shard of this node's configuration to the map. Other nodes can do it at the same time.</summary>
    public async ValueTask Add(ShardId shard, int weight, CancellationToken cancellationToken)
    {
        var connection = Find(shard) ?? throw new ShardMapException(
            shard, "this application has no store for it. First add it in UseShards, on every node.");
        connection.ThrowIfLost(Map);
        await connection.OpenStore(_options.OpenTimeout, cancellationToken).ConfigureAwait(false);
        await Add(connection.Inner.Store, shard, weight, cancellationToken).ConfigureAwait(false);
        await connection.Check(Map, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds an open store to the map.</summary>
    public async ValueTask Add(
        EventStore store, ShardId shard, int weight, CancellationToken cancellationToken)
    {
        var joined = await Join(store, shard, cancellationToken).ConfigureAwait(false);
        AfterStep("joined");
        await Change(map => joined.AddTo(map, weight), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sets the share of new keys that a shard takes; 0 for none.</summary>
    public ValueTask SetWeight(ShardId shard, int weight, CancellationToken cancellationToken) =>
        Change(map => map.SetWeight(shard, weight, _time.GetUtcNow()), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return; // The application and the store that uses the shards both dispose them.
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (var i = _all.Length - 1; i >= 0; i--) // The home shard is the last one.
            await Close(_all[i]).ConfigureAwait(false);
        foreach (var owned in Owned)
            owned.Dispose();
        _stopping.Dispose();
    }

    private async Task Close(ShardConnection shard)
    {
        try
        {
            await shard.DisposeAsync().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A shard that fails to close must not keep the others open.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CannotClose(_logger, shard.Shard.Value, exception);
        }
    }

    private async ValueTask EnsureTenantRecords(CancellationToken cancellationToken)
    {
        await Assignments.Ensure(cancellationToken).ConfigureAwait(false);
        await Moves.Ensure(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes an empty store a shard of the catalog, which the map does not contain yet.</summary>
    private async Task<JoinedShard> Join(
        EventStore store, ShardId shard, CancellationToken cancellationToken)
    {
        var fence = await ShardIdentityCheck.Join(store, shard, Map.Catalog, cancellationToken).ConfigureAwait(false);
        return new JoinedShard(new ShardRecord(shard, fence.Identity, _time.GetUtcNow(), store.Description), fence);
    }

    private async ValueTask Change(Func<ShardMap, ShardMap> change, CancellationToken cancellationToken) =>
        await Home.Run((_, cancel) => _catalog.Change(change, cancel), cancellationToken).ConfigureAwait(false);

    /// <summary>Reads the map, or creates it.</summary>
    private async ValueTask OpenCatalog(CancellationToken cancellationToken)
    {
        var documents = Home.Documents;
        if (!await documents.Exist(cancellationToken).ConfigureAwait(false))
            await documents.Ensure(cancellationToken).ConfigureAwait(false);
        var map = await _catalog.Refresh(cancellationToken).ConfigureAwait(false);
        if (map is null)
        {
            await CreateMap(cancellationToken).ConfigureAwait(false);
            map = await _catalog.Refresh(cancellationToken).ConfigureAwait(false);
        }
        Verify(map ?? throw new InvalidOperationException("The home shard has no map of shards."));
    }

    private void Verify(ShardMap map)
    {
        if (map.Home != Home.Shard)
        {
            throw new ShardIdentityException(
                Home.Shard, $"it is the home shard '{map.Home}'. The home shard keeps its name and is the first one.");
        }
        if (map.Placement != _placement)
        {
            throw new ShardMapException(
                map.Home,
                $"the map places each {NameOf(map.Placement)}, and the application wants to place each "
                    + $"{NameOf(_placement)}. This cannot be changed later.");
        }
    }

    /// <summary>Creates the first map, unless another node does at the same time.</summary>
    /// <exception cref="ShardIdentityException">A store already belongs to a map: the address of the home shard is
    /// wrong, or its data was lost.</exception>
    private async ValueTask CreateMap(CancellationToken cancellationToken)
    {
        var (own, _) = await Home.Documents.ReadFence(cancellationToken).ConfigureAwait(false);
        if (own is not null && await _catalog.Refresh(cancellationToken).ConfigureAwait(false) is null)
        {
            throw new ShardIdentityException(
                Home.Shard,
                $"it is the shard '{own.Shard}', which is not a home shard. The home shard is the first one.");
        }
        foreach (var shard in _all.Skip(1))
        {
            await shard.OpenStore(_options.OpenTimeout, cancellationToken).ConfigureAwait(false);
            var fence = await shard.Documents.FindFence(cancellationToken).ConfigureAwait(false);
            if (fence is not null && await _catalog.Refresh(cancellationToken).ConfigureAwait(false) is null)
            {
                throw new ShardIdentityException(
                    Home.Shard,
                    $"it has no map of shards, but the store of '{shard.Shard}' is the shard '{fence.Shard}' of a map. "
                        + "The home shard of this map is another store.");
            }
        }
        var now = _time.GetUtcNow();
        var home = new ShardRecord(Home.Shard, Guid.CreateVersion7(now), now, Home.Inner.Store.Description);
        var map = ShardMap.Create(Guid.CreateVersion7(now), _placement, home) with { IsInitial = _all.Length > 1 };
        await _catalog.TryCreate(map, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the shards to the first map, in one change. Continues after an interruption.</summary>
    /// <exception cref="ShardUnavailableException">A shard is not available.</exception>
    private async ValueTask AddAll(CancellationToken cancellationToken)
    {
        var others = _all.Skip(1).ToArray();
        foreach (var shard in others)
            await shard.OpenStore(_options.OpenTimeout, cancellationToken).ConfigureAwait(false);
        var joined = await Task
            .WhenAll(others.Select(shard => Join(shard.Inner.Store, shard.Shard, cancellationToken)))
            .ConfigureAwait(false);
        AfterStep("joined");
        await Change(map => JoinedShard.Complete(map, joined), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(others.Select(shard => shard.Check(Map, cancellationToken))).ConfigureAwait(false);
    }

    /// <summary>Checks one shard until the node stops.</summary>
    private async Task Run(ShardConnection shard, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(_options.CheckEvery, _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await shard.Check(Map, cancellationToken).ConfigureAwait(false);
                if (shard.MapVersion > Map.Version && Home.State == ShardState.Open)
                    await RefreshOnce(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The next check tries again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.CannotReadMap(_logger, exception);
            }
        }
    }

    /// <summary>Reads the map, unless the loop of another shard does.</summary>
    private async ValueTask RefreshOnce(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isRefreshing, 1) == 1)
            return;
        try
        {
            await Home.WithinCheckTimeout(
                async cancel => await _catalog.Refresh(cancel).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Exchange(ref _isRefreshing, 0);
        }
    }

    /// <summary>Writes the version of a map to its shards. Returns those that this node did not reach.</summary>
    private ValueTask<IReadOnlyList<ShardId>> RaiseFences(ShardMap map, CancellationToken cancellationToken) =>
        FindFailing(
            map,
            async (shard, cancel) =>
            {
                if (map.Find(shard.Shard) is { } record)
                    await shard.RaiseFence(map, record, cancel).ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Returns the shards of a map that do not answer.</summary>
    private ValueTask<IReadOnlyList<ShardId>> FindMissing(ShardMap map, CancellationToken cancellationToken) =>
        FindFailing(
            map,
            static async (shard, cancel) => await shard.Documents.ReadFence(cancel).ConfigureAwait(false),
            cancellationToken);

    private async ValueTask<IReadOnlyList<ShardId>> FindFailing(
        ShardMap map, Func<ShardConnection, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        var succeeded = await Task
            .WhenAll(map.Shards.Select(record => Try(record.Shard, map.Version, action, cancellationToken)))
            .ConfigureAwait(false);
        return [.. map.Shards.Where((_, index) => !succeeded[index]).Select(static record => record.Shard)];
    }

    private async Task<bool> Try(
        ShardId shard,
        long version,
        Func<ShardConnection, CancellationToken, Task> action,
        CancellationToken cancellationToken)
    {
        // One that did not answer the last check would delay the change for the others.
        if (Find(shard) is not { IsOpened: true, State: not (ShardState.Unavailable or ShardState.WrongStore) }
            connection)
            return false;
        try
        {
            await connection
                .WithinCheckTimeout(cancel => action(connection, cancel), cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is MillraceException or TimeoutException)
        {
            Log.CannotRaiseFence(_logger, shard.Value, version, exception);
            return false;
        }
    }

    private static string NameOf(ShardPlacement placement) => placement switch
    {
        ShardPlacement.Tenant => "tenant",
        ShardPlacement.Stream => "stream",
        _ => "stream by time",
    };

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 21011, Level = LogLevel.Error, Message = "The shard {Shard} could not be closed normally.")]
        public static partial void CannotClose(ILogger logger, string shard, Exception exception);

        [LoggerMessage(
            EventId = 21012, Level = LogLevel.Warning, Message = "Cannot read the map of shards; trying again.")]
        public static partial void CannotReadMap(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 21013,
            Level = LogLevel.Warning,
            Message = "The shard {Shard} did not answer at the change to the version {Version} of the map. A recorded "
                + "change is completed when it answers.")]
        public static partial void CannotRaiseFence(ILogger logger, string shard, long version, Exception exception);
    }
}
