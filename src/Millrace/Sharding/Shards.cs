using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace;

/// <summary>Lists, adds and drains the shards of an application, which are its stores. Thread-safe.</summary>
/// <remarks>
/// The map of shards is stored in the home shard. A change applies to new tenants or streams: existing ones stay in
/// their shards, unless a tenant is moved.
/// </remarks>
public sealed class Shards
{
    private readonly ShardSet _shards;
    private readonly bool _isTool;

    internal Shards(ShardSet shards, bool isTool = false) => (_shards, _isTool) = (shards, isTool);

    /// <summary>Gets the name of the home shard, which contains the map.</summary>
    public ShardId Home => _shards.Home.Shard;

    /// <summary>Gets the version of the map that this node uses.</summary>
    /// <exception cref="InvalidOperationException">The application has not started.</exception>
    public long MapVersion => _shards.Map.Version;

    /// <summary>
    /// Opens the shards of a home shard, for tools that have this store open. A tool knows no other stores. Returns
    /// null if the store is not a home shard.
    /// </summary>
    /// <param name="home">The whole store, which stays open.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<Shards?> TryOpen(EventStore home, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(home);
        var documents = new ShardDocuments(home);
        if (!await documents.Exist(cancellationToken).ConfigureAwait(false)
            || (await documents.ReadMap(cancellationToken).ConfigureAwait(false)).Value is not { } stored)
            return null;
        return await OpenTool(home, stored.Current.Home, stored.Current.Placement, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Makes a store the home shard of tenants, for tools that have this store open. It may already contain tenants. If
    /// it is this home shard, it is not changed.
    /// </summary>
    /// <param name="home">The whole store, which stays open.</param>
    /// <param name="shard">The name of the shard.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardIdentityException">The store is another shard.</exception>
    public static async ValueTask<Shards> Create(
        EventStore home, ShardId shard, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(home);
        _ = shard.Value; // Throws for the default value.
        return await OpenTool(home, shard, ShardPlacement.Tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the shards of the map and of the configuration, in the order in which they were added.
    /// </summary>
    /// <exception cref="ShardUnavailableException">The home shard is needed to read the map, and was never
    /// open.</exception>
    public async ValueTask<IReadOnlyList<ShardStatus>> List(CancellationToken cancellationToken = default)
    {
        var map = await ReadMap(cancellationToken).ConfigureAwait(false);
        var moves = map.Placement == ShardPlacement.Tenant
            ? await ListMoves(cancellationToken).ConfigureAwait(false)
            : [];
        var all = new List<ShardStatus>();
        foreach (var status in ListObserved(map))
        {
            var tenants = status.AddedAt is null
                ? null
                : await CountTenants(map, status.Shard, cancellationToken).ConfigureAwait(false);
            all.Add(status with { Tenants = tenants, Moves = [.. moves.Where(move => IsOf(move, status.Shard))] });
        }
        return all;

        static bool IsOf(TenantMoveStatus move, ShardId shard) => move.From == shard || move.To == shard;
    }

    /// <summary>
    /// Returns the shards as this node saw them at its last checks, without access to them and without the numbers of
    /// tenants. Returns an empty list before the application has started.
    /// </summary>
    public IReadOnlyList<ShardStatus> ListObserved() => _shards.IsStarted ? ListObserved(_shards.Map) : [];

    /// <summary>
    /// Returns the store of a shard, for operations that need the log of one store. It contains all streams of the
    /// shard, with the prefixes of tenants.
    /// </summary>
    /// <remarks>
    /// Append to the streams of the application through its <see cref="EventStore"/> service, which chooses the shard.
    /// </remarks>
    /// <exception cref="ShardUnavailableException">The shard is not available on this node.</exception>
    /// <exception cref="ShardIdentityException">The store behind the name is not the shard.</exception>
    public EventStore StoreOf(ShardId shard) => _shards.Get(shard).Require().Store;

    /// <summary>
    /// Returns the shard of a stream, if the map places streams. For a stream that does not exist, returns the shard in
    /// which it would begin now.
    /// </summary>
    /// <exception cref="InvalidOperationException">The map places tenants.</exception>
    /// <exception cref="ShardUnavailableException">A shard that may contain the stream is not available.</exception>
    public ValueTask<ShardId> FindShard(StreamId stream, CancellationToken cancellationToken = default) =>
        ServicesOfStreams.FindShard(stream, cancellationToken);

    /// <summary>Returns the consumers of a shard, if the map places streams.</summary>
    /// <exception cref="InvalidOperationException">The map places tenants.</exception>
    /// <exception cref="ShardUnavailableException">The shard is not available on this node.</exception>
    public Consumers ConsumersOf(ShardId shard) => ServicesOfStreams.ConsumersOf(shard);

    /// <summary>Returns the dead letters of a shard, if the map places streams.</summary>
    /// <inheritdoc cref="ConsumersOf"/>
    public DeadLetters DeadLettersOf(ShardId shard) => ServicesOfStreams.DeadLettersOf(shard);

    /// <summary>
    /// Returns the projections of a shard, if the map places streams. Each shard rebuilds its documents.
    /// </summary>
    /// <inheritdoc cref="ConsumersOf"/>
    public Projections ProjectionsOf(ShardId shard) => ServicesOfStreams.ProjectionsOf(shard);

    /// <summary>Returns the explanations of values by the events of a shard, if the map places streams.</summary>
    /// <inheritdoc cref="ConsumersOf"/>
    public Explanations ExplanationsOf(ShardId shard) => ServicesOfStreams.ExplanationsOf(shard);

    /// <summary>
    /// Moves a tenant to another shard while it is used. Its data is copied first. At the end, callers that enter the
    /// tenant wait for a short time, and open scopes get <see cref="TenantMovingException"/>. Then the tenant is in the
    /// new shard, and its data is removed from the former shard.
    /// </summary>
    /// <param name="tenant">The name of the tenant.</param>
    /// <param name="target">The shard to which the tenant moves.</param>
    /// <param name="progress">Receives the progress; null for none.</param>
    /// <param name="cancellationToken">Cancels the operation. After an interruption at any point, call this method
    /// again, on any node, or call <see cref="CancelTenantMove"/>.</param>
    /// <exception cref="TenantMoveException">The tenant cannot be moved. It remains in its shard. If the copy had
    /// started, it remains too, so that the next call continues it.</exception>
    /// <exception cref="ShardUnavailableException">A shard that the move needs is not available.</exception>
    /// <exception cref="InvalidOperationException">The map places streams.</exception>
    public Task<TenantMoveReport> MoveTenant(
        string tenant,
        ShardId target,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        _ = target.Value; // Throws for the default value.
        return RequireMover().Move(tenant, target, progress, cancellationToken);
    }

    /// <summary>
    /// Cancels a move of a tenant, which stays in its shard, and removes the copy. Returns false if the tenant is not
    /// being moved.
    /// </summary>
    /// <param name="tenant">The name of the tenant.</param>
    /// <param name="cancellationToken">Cancels the operation. After an interruption, call the method again.</param>
    /// <exception cref="TenantMoveException">The tenant is already in its new shard.</exception>
    /// <exception cref="ShardUnavailableException">A shard of the move is not available.</exception>
    public Task<bool> CancelTenantMove(string tenant, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        return RequireMover().Cancel(tenant, cancellationToken);
    }

    /// <summary>Returns the moves of tenants that have not ended, in the order of the names of the tenants.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardUnavailableException">The home shard is not available.</exception>
    public ValueTask<IReadOnlyList<TenantMoveStatus>> ListTenantMoves(CancellationToken cancellationToken = default) =>
        _shards.Home.Run((_, cancel) => _shards.Moves.List(cancel), cancellationToken);

    /// <summary>Gets what moves tenants; null if this object does not have the stores of tenants.</summary>
    internal ITenantMover? Mover { get; init; }

    /// <summary>Gets the services of single shards; null if the map places tenants.</summary>
    internal IShardServices? Services { get; init; }

    private IShardServices ServicesOfStreams => Services ?? throw new InvalidOperationException(
        "The shards contain tenants: enter a tenant (Tenants.Enter) to use its services.");

    /// <summary>
    /// Adds a shard of the configuration, whose store must be empty. It then takes new tenants or streams. All nodes
    /// must already have it in their configuration. If the shard was already added, the call has no effect.
    /// </summary>
    /// <param name="shard">The shard, as in <c>UseShards</c>.</param>
    /// <param name="weight">The share of new keys, relative to the other shards; from 0 to 100, 1 by default.</param>
    /// <param name="cancellationToken">Cancels the operation. After an interruption, call the method again.</param>
    /// <exception cref="ShardMapException">The application has no store for the shard.</exception>
    /// <exception cref="ShardIdentityException">The store belongs to another shard, or is not empty.</exception>
    /// <exception cref="ShardUnavailableException">The shard or the home shard is not available.</exception>
    public ValueTask Add(ShardId shard, int weight = 1, CancellationToken cancellationToken = default)
    {
        CheckWeight(shard, weight);
        return _shards.Add(shard, weight, cancellationToken);
    }

    /// <summary>Adds a shard with its store, for tools.</summary>
    /// <param name="shard">The shard, whose name the configuration of all nodes already contains.</param>
    /// <param name="store">The open and empty store of the shard, which stays open.</param>
    /// <param name="weight">The share of new keys, relative to the other shards; from 0 to 100.</param>
    /// <param name="cancellationToken">Cancels the operation. After an interruption, call the method again.</param>
    /// <exception cref="InvalidOperationException">This object belongs to an application, which knows the stores of
    /// its shards.</exception>
    /// <exception cref="ShardIdentityException">The store belongs to another shard, or is not empty.</exception>
    public ValueTask Add(
        ShardId shard, EventStore store, int weight, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!_isTool)
        {
            throw new InvalidOperationException(
                "An application adds the shards of its configuration: call Add without a store.");
        }
        CheckWeight(shard, weight);
        return _shards.Add(store, shard, weight, cancellationToken);
    }

    /// <summary>Sets the share of new tenants or streams that a shard takes. Existing ones stay.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="weight">The share, relative to the other shards; from 0 to 100. With 0, it takes none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardMapException">The map does not contain the shard, or no shard would take new
    /// keys.</exception>
    /// <exception cref="ShardUnavailableException">The home shard is not available.</exception>
    public ValueTask SetWeight(ShardId shard, int weight, CancellationToken cancellationToken = default)
    {
        CheckWeight(shard, weight);
        return _shards.SetWeight(shard, weight, cancellationToken);
    }

    /// <summary>Stops the placement of new tenants or streams on a shard. Existing ones stay and can be used.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <inheritdoc cref="SetWeight"/>
    public ValueTask Drain(ShardId shard, CancellationToken cancellationToken = default) =>
        SetWeight(shard, 0, cancellationToken);

    /// <summary>Returns the shard of a tenant; null if the tenant was never created.</summary>
    /// <param name="tenant">The name of the tenant.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ShardUnavailableException">The home shard is needed, and not available.</exception>
    public async ValueTask<ShardId?> FindTenant(string tenant, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(tenant);
        try
        {
            return await _shards.Home.Run(
                async (home, cancel) =>
                    (await _shards.Assignments.Refresh(tenant, cancel).ConfigureAwait(false))?.Shard
                    ?? (await TenantCollection.Contains(home.Store.Storage, tenant, cancel).ConfigureAwait(false)
                        ? Home // It was created before this store became the home shard.
                        : (ShardId?)null),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ShardUnavailableException) when (_shards.Assignments.FindKnown(tenant) is { } known)
        {
            return known.Shard;
        }
    }

    private ITenantMover RequireMover() => Mover ?? throw new InvalidOperationException(
        "Tenants are moved with the stores of all shards of an application that places tenants: in the application, or "
            + "with Tenants.OpenShards.");

    private static async ValueTask<Shards> OpenTool(
        EventStore home, ShardId shard, ShardPlacement placement, CancellationToken cancellationToken)
    {
        var shards = new ShardSet(
            [(shard, new OpenShardStore(home))],
            placement,
            new ShardOptions(),
            home.Time,
            metrics: null,
            NullLogger.Instance);
        await shards.StartTool(cancellationToken).ConfigureAwait(false);
        return new Shards(shards, isTool: true);
    }

    private static void CheckWeight(ShardId shard, int weight)
    {
        _ = shard.Value; // Throws for the default value.
        ArgumentOutOfRangeException.ThrowIfLessThan(weight, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(weight, ShardWeight.Max);
    }

    /// <summary>Returns the map of the home shard, or the known one while the home shard is not available.</summary>
    private async ValueTask<ShardMap> ReadMap(CancellationToken cancellationToken)
    {
        try
        {
            return await _shards.GetFreshMap(cancellationToken).ConfigureAwait(false);
        }
        catch (ShardUnavailableException) when (_shards.IsStarted)
        {
            return _shards.Map;
        }
    }

    private async ValueTask<long?> CountTenants(ShardMap map, ShardId shard, CancellationToken cancellationToken)
    {
        if (map.Placement != ShardPlacement.Tenant)
            return null;
        try
        {
            return await _shards.Home
                .Run((_, cancel) => _shards.Assignments.Count(shard, cancel), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ShardUnavailableException)
        {
            return null;
        }
    }

    private async ValueTask<IReadOnlyList<TenantMoveStatus>> ListMoves(CancellationToken cancellationToken)
    {
        try
        {
            return await ListTenantMoves(cancellationToken).ConfigureAwait(false);
        }
        catch (ShardUnavailableException)
        {
            return [];
        }
    }

    private IReadOnlyList<ShardStatus> ListObserved(ShardMap map) =>
    [
        .. map.Shards.Select(record => StatusOf(record.Shard, map) with
        {
            Store = record.Store,
            AddedAt = record.AddedAt,
        }),
        .. _shards.All.Where(connection => map.Find(connection.Shard) is null)
            .Select(connection => StatusOf(connection.Shard, map) with { Store = connection.Inner.Store.Description }),
    ];

    private ShardStatus StatusOf(ShardId shard, ShardMap map)
    {
        var connection = _shards.Find(shard);
        var open = connection is { State: ShardState.Open } ? connection : null;
        return new ShardStatus
        {
            Shard = shard,
            State = connection?.State ?? ShardState.NotConfigured,
            IsHome = shard == map.Home,
            Weight = map.Newest.WeightOf(shard),
            Problem = connection is not null ? connection.Problem
                : _isTool ? null
                : ShardSet.NotConfigured(shard).Reason,
            MapVersion = open?.MapVersion,
            Position = open?.Inner.Store.Tail.Head.Position,
        };
    }
}
