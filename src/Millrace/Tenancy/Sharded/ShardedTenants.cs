using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Sharded;

/// <summary>
/// Tenants that are distributed over several shards. The home shard records the shard of each tenant, so that a tenant
/// stays where it was created. The tenants of a shard share its store.
/// </summary>
/// <remarks>The outage of a shard affects its tenants. Without the home shard, no tenant can be created or listed, and
/// this node enters the tenants whose shards it has read before.</remarks>
internal sealed class ShardedTenants(ShardSet shards) : ITenantStorage
{
    public ShardSet Shards { get; } = shards;

    /// <summary>Gets the store of the home shard, for data that belongs to no tenant.</summary>
    public EventStore HomeStore => Shards.Home.Inner.Store;

    public string Description => $"tenants of {Shards.All.Count} shards, home {HomeStore.Description}";

    public bool HasOwnTables => false;

    public ValueTask Open(CancellationToken cancellationToken) => Shards.Start(cancellationToken);

    public IStorage Of(TenantId tenant) => TenantsOf(tenant).Of(tenant);

    /// <summary>Returns the store that the tenants of a tenant's shard share.</summary>
    public EventStore StoreOf(TenantId tenant) => TenantsOf(tenant).Store;

    public MillraceException? FindProblem(TenantId tenant) =>
        Shards.Assignments.FindKnown(tenant.Value) is not { } shard ? null
        : Shards.Find(shard) is not { } connection ? ShardSet.NotConfigured(shard)
        : connection.State == ShardState.NotAdded ? null // The next use reads the map again.
        : connection.FindError();

    public async ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        await FindShard(tenant, cancellationToken).ConfigureAwait(false) is { } shard
        && await In(shard, (tenants, cancel) => tenants.Exists(tenant, cancel), cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        var shard = await FindShard(tenant, cancellationToken).ConfigureAwait(false)
            ?? await Place(tenant, cancellationToken).ConfigureAwait(false);
        return await In(shard, (tenants, cancel) => tenants.Create(tenant, cancel), cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await FindShard(tenant, cancellationToken).ConfigureAwait(false) is not { } shard)
            return false;
        var isRemoved = await In(shard, (tenants, cancel) => tenants.Remove(tenant, cancel), cancellationToken)
            .ConfigureAwait(false);
        // A former call may have been interrupted after it removed the data.
        if (isRemoved || await WasRemoved(shard, tenant, cancellationToken).ConfigureAwait(false))
        {
            await InHome(
                async cancel =>
                {
                    await Shards.Assignments.MarkRemoved(tenant.Value, shard, cancel).ConfigureAwait(false);
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

    private SharedTenants TenantsOf(TenantId tenant) =>
        Shards.Assignments.FindKnown(tenant.Value) is { } shard
            ? (SharedTenants)Shards.Get(shard).Require()
            : throw new TenantNotFoundException(tenant);

    /// <summary>Returns the recorded shard of a tenant; null if the tenant was never created.</summary>
    private async ValueTask<ShardId?> FindShard(TenantId tenant, CancellationToken cancellationToken)
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
            _ => Shards.Home.Shard, // It was removed, and its name stays closed there.
        };
    }

    /// <summary>
    /// Places a new tenant among the shards that are available to this node, and records its shard. If another node
    /// places it at the same time, one of them wins.
    /// </summary>
    private async ValueTask<ShardId> Place(TenantId tenant, CancellationToken cancellationToken)
    {
        var map = await Shards.GetFreshMap(cancellationToken).ConfigureAwait(false);
        var shard = map.Newest.TryPlace(tenant.Value, one => Shards.Find(one) is { State: ShardState.Open })
            ?? throw new ShardUnavailableException(
                map.Place(tenant.Value), "no shard that takes new tenants is available to this node.");
        return await Assign(tenant, shard, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<ShardId> Assign(TenantId tenant, ShardId shard, CancellationToken cancellationToken) =>
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
