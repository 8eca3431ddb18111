using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>The tenants that share a store which the caller has open.</summary>
internal sealed class OpenStoreTenants(EventStore store) : ITenantStorage
{
    private readonly TenantCatalog _catalog = new(store);
    private bool _hasStarted;

    public string Description => $"tenants of {store.Description}";

    public bool HasOwnTables => false;

    public ValueTask Open(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Creates the catalog of tenants, if it does not exist.</summary>
    public async ValueTask Start(CancellationToken cancellationToken)
    {
        await _catalog.Ensure(cancellationToken).ConfigureAwait(false);
        _hasStarted = true;
    }

    public IStorage Of(TenantId tenant) => new TenantStorage(new TenantNames(tenant), tenant, store.Storage);

    public async ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        await HasCatalog(cancellationToken).ConfigureAwait(false)
        && await TenantCatalog.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false) is { LeftAt: null };

    /// <summary>Returns whether a tenant exists with a generation of names.</summary>
    public async ValueTask<bool> Exists(TenantId tenant, int generation, CancellationToken cancellationToken) =>
        await HasCatalog(cancellationToken).ConfigureAwait(false)
        && await TenantCatalog.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false)
            is { LeftAt: null } entry
        && entry.Generation == generation;

    /// <exception cref="StorageException">A tenant of that name was removed, or has moved to another shard.</exception>
    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!_hasStarted)
            await Start(cancellationToken).ConfigureAwait(false);
        if (await _catalog.Add(tenant, cancellationToken).ConfigureAwait(false))
            return true;
        var entry = await TenantCatalog.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false);
        if (entry is { MovedTo: { } target })
        {
            throw new StorageException(
                $"The tenant '{tenant}' has moved to the shard '{target}', which contains its data.",
                StorageProblem.Moved);
        }
        return entry is not { LeftAt: { } leftAt }
            ? false
            : throw new StorageException(
                $"A tenant '{tenant}' was removed from this store on {leftAt.UtcDateTime:yyyy-MM-dd}, and its streams "
                    + "are closed permanently. Choose another name.",
                StorageProblem.Other);
    }

    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!await HasCatalog(cancellationToken).ConfigureAwait(false)
            || await TenantCatalog.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false)
                is not { RemovedAt: null, MovedTo: null } entry)
            return false;
        var leftAt = entry.LeftAt ?? store.Time.GetUtcNow();
        if (entry.LeftAt is null)
            // After this change, no caller can enter the tenant.
            await _catalog.Change(tenant, entry with { LeftAt = leftAt }, cancellationToken).ConfigureAwait(false);
        var reason = $"the tenant {tenant} was removed";
        await new TenantRemoval(store, TenantNames.PrefixOf(tenant, entry.Generation), reason)
            .Run(cancellationToken).ConfigureAwait(false);
        var removedEntry = entry with { LeftAt = leftAt, RemovedAt = store.Time.GetUtcNow() };
        await _catalog.Change(tenant, removedEntry, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken) =>
        TenantCatalog.List(store.Storage, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<bool> HasCatalog(CancellationToken cancellationToken) =>
        _hasStarted || await TenantCollection.IsIn(store.Storage, cancellationToken).ConfigureAwait(false);
}
