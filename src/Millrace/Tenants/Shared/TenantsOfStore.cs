using Millrace.Storage;

namespace Millrace;

/// <summary>The tenants that share a store which somebody else has open.</summary>
internal sealed class TenantsOfStore(EventStore store) : ITenantStorage
{
    private readonly TenantCatalogue _catalogue = new(store);
    private bool _hasBegun;

    public string Description => $"tenants of {store.Description}";

    public bool HasOwnTables => false;

    public ValueTask Open(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Makes the catalogue, where there is none.</summary>
    public async ValueTask Begin(CancellationToken cancellationToken)
    {
        await _catalogue.Ensure(cancellationToken).ConfigureAwait(false);
        _hasBegun = true;
    }

    public IStorage Of(TenantId tenant) => new TenantStorage(tenant, store.Storage);

    public async ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        await IsThere(cancellationToken).ConfigureAwait(false)
        && await TenantCatalogue.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false) is { LeftAt: null };

    /// <exception cref="StorageException">One of that name was removed.</exception>
    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!_hasBegun)
            await Begin(cancellationToken).ConfigureAwait(false);
        if (await _catalogue.Add(tenant, cancellationToken).ConfigureAwait(false))
            return true;
        return await TenantCatalogue.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false) is not { LeftAt: { } left }
            ? false
            : throw new StorageException(
                $"A tenant '{tenant}' was removed from this store on {left.UtcDateTime:yyyy-MM-dd}, and its streams are closed for ever: "
                + "take another name.",
                StorageProblem.Other);
    }

    public async ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken)
    {
        if (!await IsThere(cancellationToken).ConfigureAwait(false)
            || await TenantCatalogue.Find(store.Storage, tenant, cancellationToken).ConfigureAwait(false) is not { RemovedAt: null } entry)
            return false;
        var left = entry.LeftAt ?? store.Time.GetUtcNow();
        if (entry.LeftAt is null)
            await _catalogue.Change(tenant, entry with { LeftAt = left }, cancellationToken).ConfigureAwait(false); // Nobody comes in now.
        await new TenantRemoval(store, tenant).Run(cancellationToken).ConfigureAwait(false);
        var done = new TenantCatalogue.Entry { LeftAt = left, RemovedAt = store.Time.GetUtcNow() };
        await _catalogue.Change(tenant, done, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken) =>
        TenantCatalogue.List(store.Storage, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<bool> IsThere(CancellationToken cancellationToken) =>
        _hasBegun || await TenantCatalogue.IsIn(store.Storage, cancellationToken).ConfigureAwait(false);
}
