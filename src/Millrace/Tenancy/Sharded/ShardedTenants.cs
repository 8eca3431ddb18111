using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy.Moves;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Sharded;

/// <summary>
/// Tenants that are distributed over several shards. The home shard records the shard of each tenant, so that a tenant
/// stays where it was created until it is moved. The tenants of a shard share its store.
/// </summary>
/// <remarks>The outage of a shard affects its tenants. Without the home shard, no tenant can be created or listed, and
/// this node enters the tenants whose shards it has read before.</remarks>
internal sealed class ShardedTenants(ShardSet shards) : ITenantStorage
{
    public ShardSet Shards { get; } = shards;

    /// <summary>Gets the store of the home shard, for data that belongs to no tenant.</summary>
    public EventStore HomeStore => Shards.Home.Inner.Store;

    /// <summary>Creates what moves tenants between the shards.</summary>
    public ITenantMover CreateMover() => new TenantMover(Shards);

    public string Description => $"tenants of {Shards.All.Count} shards, home {HomeStore.Description}";

    public bool HasOwnTables => false;

    public ValueTask Open(CancellationToken cancellationToken) => Shards.Start(cancellationToken);

    /// <summary>Gets the tenants of all shards that this node has in its configuration.</summary>
    public IEnumerable<SharedTenants> All => Shards.All.Select(static shard => (SharedTenants)shard.Inner);

    public IStorage Of(TenantId tenant)
    {
        var assignment = RequireKnown(tenant);
        return TenantsOf(assignment).OfMovable(tenant, assignment.Generation);
    }

    /// <summary>
    /// Returns the store that the tenants of a tenant's shard share, the prefix of the tenant's stored names, and its
    /// fence.
    /// </summary>
    public (EventStore Store, string Prefix, TenantFence Fence) StoreOf(TenantId tenant)
    {
        var assignment = RequireKnown(tenant);
        var tenants = TenantsOf(assignment);
        return (
            tenants.Store,
            TenantNames.PrefixOf(tenant, assignment.Generation),
            tenants.FenceOf(tenant, assignment.Generation));
    }

    public MillraceException? FindProblem(TenantId tenant) =>
        Shards.Assignments.FindKnown(tenant.Value) is not { } known ? null
        : Shards.Find(known.Shard) is not { } connection ? ShardSet.NotConfigured(known.Shard)
        : connection.State == ShardState.NotAdded ? null // The next use reads the map again.
        : connection.FindError();

    public async ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await FindAssignment(tenant, cancellationToken).ConfigureAwait(false) is not { } assignment)
            return false;
        if (await Exists(tenant, assignment, cancellationToken).ConfigureAwait(false))
            return true;
        // The tenant may have moved since this node read the assignment.
        var current = await Refresh(tenant, cancellationToken).ConfigureAwait(false);
        return current is not null && current != assignment
            && await Exists(tenant, current, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the assignment of a tenant again; null if it has none.</summary>
    public ValueTask<ShardAssignment?> Refresh(TenantId tenant, CancellationToken cancellationToken) =>
        InHome(cancel => Shards.Assignments.Refresh(tenant.Value, cancel), cancellationToken);

    /// <summary>Reads the record of a tenant's move with its version; null and 0 if there is none.</summary>
    public ValueTask<(TenantMoveRecord? Move, long Version)> ReadMove(
        TenantId tenant, CancellationToken cancellationToken) =>
        InHome(cancel => Shards.Moves.Read(tenant.Value, cancel), cancellationToken);

    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        var assignment = await FindAssignment(tenant, cancellationToken).ConfigureAwait(false)
            ?? await Place(tenant, cancellationToken).ConfigureAwait(false);
        if (assignment.Generation > 0 && await Exists(tenant, cancellationToken).ConfigureAwait(false))
            return false; // It has moved to the shard.
        return await In(assignment.Shard, (tenants, cancel) => tenants.Create(tenant, cancel), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <exception cref="StorageException">The tenant is being moved.</exception>
    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await FindAssignment(tenant, cancellationToken).ConfigureAwait(false) is null
            || await InHome(cancel => StartRemoval(tenant, cancel), cancellationToken).ConfigureAwait(false)
                is not { } assignment)
            return false;
        var shard = assignment.Shard;
        var isRemoved = await In(shard, (tenants, cancel) => tenants.Remove(tenant, cancel), cancellationToken)
            .ConfigureAwait(false);
        // A former call may have been interrupted after it removed the data.
        if (isRemoved || await WasRemoved(shard, tenant, cancellationToken).ConfigureAwait(false))
        {
            await InHome(
                async cancel =>
                {
                    await Shards.Assignments.MarkRemoved(tenant.Value, assignment, cancel).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }
        return isRemoved;
    }

    /// <summary>
    /// Returns the recorded tenants, and those that the home shard had before it became one. A tenant whose creation
    /// was interrupted is included.
    /// </summary>
    public async ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken)
    {
        var recorded = await InHome(Shards.Assignments.List, cancellationToken).ConfigureAwait(false);
        var former = await InHome(cancel => TenantCatalog.List(HomeStore.Storage, cancel), cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. recorded.Concat(former.Select(static tenant => tenant.Value)).Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal).Select(static name => new TenantId(name)),
        ];
    }

    public ValueTask DisposeAsync() => Shards.DisposeAsync();

    /// <summary>
    /// Records that a tenant is being removed, so that no move of it can start. Returns its assignment, or null if it
    /// has none.
    /// </summary>
    private async ValueTask<ShardAssignment?> StartRemoval(TenantId tenant, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (assignment, version) = await Shards.Assignments.Read(tenant.Value, cancellationToken)
                .ConfigureAwait(false);
            if (assignment is null or { RemovedAt: not null })
                return assignment;
            var (move, _) = await Shards.Moves.Read(tenant.Value, cancellationToken).ConfigureAwait(false);
            if (move is not null)
            {
                throw new StorageException(
                    $"The tenant '{tenant}' is being moved to the shard '{move.To}'. Complete the move "
                        + "(Shards.MoveTenant) or cancel it (Shards.CancelTenantMove) before you remove the tenant.",
                    StorageProblem.Busy);
            }
            var removing = assignment with { IsRemoving = true };
            // A move changes the assignment when it starts.
            if (await Shards.Assignments
                .TryChange(tenant.Value, removing, version, other: null, cancellationToken)
                .ConfigureAwait(false))
                return removing;
        }
    }

    private ShardAssignment RequireKnown(TenantId tenant) =>
        Shards.Assignments.FindKnown(tenant.Value) ?? throw new TenantNotFoundException(tenant);

    private SharedTenants TenantsOf(ShardAssignment assignment) =>
        (SharedTenants)Shards.Get(assignment.Shard).Require();

    private ValueTask<bool> Exists(
        TenantId tenant, ShardAssignment assignment, CancellationToken cancellationToken) => In(
            assignment.Shard,
            (tenants, cancel) => tenants.Exists(tenant, assignment.Generation, cancel),
            cancellationToken);

    /// <summary>Returns the recorded assignment of a tenant; null if the tenant was never created.</summary>
    private async ValueTask<ShardAssignment?> FindAssignment(TenantId tenant, CancellationToken cancellationToken)
    {
        if (Shards.Assignments.FindKnown(tenant.Value) is { } known)
            return known;
        var recorded = await InHome(cancel => Shards.Assignments.Find(tenant.Value, cancel), cancellationToken)
            .ConfigureAwait(false);
        if (recorded is not null)
            return recorded;
        // The home shard may have been the only store before.
        var former = await InHome(cancel => TenantCatalog.Find(HomeStore.Storage, tenant, cancel), cancellationToken)
            .ConfigureAwait(false);
        return former switch
        {
            null => null,
            { LeftAt: null } => await Assign(tenant, Shards.Home.Shard, cancellationToken).ConfigureAwait(false),
            _ => new ShardAssignment(Shards.Home.Shard), // It was removed, and its name stays closed there.
        };
    }

    /// <summary>
    /// Places a new tenant among the shards that are available to this node, and records its shard. If another node
    /// places it at the same time, one of them wins.
    /// </summary>
    private async ValueTask<ShardAssignment> Place(TenantId tenant, CancellationToken cancellationToken)
    {
        var map = await Shards.GetFreshMap(cancellationToken).ConfigureAwait(false);
        var shard = map.Newest.TryPlace(tenant.Value, one => Shards.Find(one) is { State: ShardState.Open })
            ?? throw new ShardUnavailableException(
                map.Place(tenant.Value), "no shard that takes new tenants is available to this node.");
        return await Assign(tenant, shard, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ShardAssignment> Assign(TenantId tenant, ShardId shard, CancellationToken cancellationToken) =>
        InHome(cancel => Shards.Assignments.Assign(tenant.Value, shard, cancel), cancellationToken);

    private ValueTask<bool> WasRemoved(ShardId shard, TenantId tenant, CancellationToken cancellationToken) => In(
        shard,
        async (tenants, cancel) =>
            await TenantCatalog.Find(tenants.Store.Storage, tenant, cancel).ConfigureAwait(false)
                is { RemovedAt: not null },
        cancellationToken);

    private async ValueTask<T> In<T>(
        ShardId shard,
        Func<SharedTenants, CancellationToken, ValueTask<T>> work,
        CancellationToken cancellationToken)
    {
        var connection = Shards.Get(shard);
        if (connection.State == ShardState.NotAdded) // Another node has added it, and placed the tenant.
            await Shards.GetFreshMap(cancellationToken).ConfigureAwait(false);
        return await connection
            .Run((store, cancel) => work((SharedTenants)store, cancel), cancellationToken)
            .ConfigureAwait(false);
    }

    private ValueTask<T> InHome<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        Shards.Home.Run((_, cancel) => work(cancel), cancellationToken);
}
