using System.Collections.Concurrent;
using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tenancy.Shared;

/// <summary>The tenants that share one storage. Every stored name of a tenant starts with the tenant's name.</summary>
internal sealed class SharedTenants : ITenantStorage, IShardStore
{
    private readonly OpenStoreTenants _tenants;
    private readonly TenantSignals _signals;
    private readonly ConcurrentDictionary<QueuedTenantStorage, TenantId> _storages = new();
    private readonly SemaphoreSlim _opening = new(1);
    private bool _isOpen;

    public SharedTenants(IStorage storage, StoreOptions options, StoreServices services)
    {
        Store = EventStore.Create(storage, EventTypeMap.Empty, options, services);
        _tenants = new OpenStoreTenants(Store);
        _signals = new TenantSignals(Store, tenant => FenceChanged?.Invoke(tenant));
    }

    /// <summary>Occurs when the fence of a tenant may have changed, because it moves between shards.</summary>
    public event Action<TenantId>? FenceChanged;

    /// <summary>Gets the store that the tenants share.</summary>
    public EventStore Store { get; }

    public string Description => _tenants.Description;

    public bool HasOwnTables => false;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isOpen)
                return;
            await Store.Start(cancellationToken).ConfigureAwait(false);
            await _tenants.Start(cancellationToken).ConfigureAwait(false);
            _signals.Start();
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    public IStorage Of(TenantId tenant) =>
        new QueuedTenantStorage(new TenantNames(tenant), tenant, Store, _signals.Of(tenant));

    /// <summary>Returns the fence of a tenant that can be moved to another shard.</summary>
    public TenantFence FenceOf(TenantId tenant, int generation) =>
        new(tenant, generation, Store, changed => FenceChanged?.Invoke(changed));

    /// <summary>Returns the storage of a tenant that can be moved to another shard.</summary>
    public IStorage OfMovable(TenantId tenant, int generation)
    {
        var fence = FenceOf(tenant, generation);
        var names = new TenantNames(tenant, generation);
        var storage = new QueuedTenantStorage(names, tenant, Store, _signals.Of(tenant), fence)
        {
            Disposed = disposed => _storages.TryRemove(disposed, out _),
        };
        _storages[storage] = tenant;
        return storage;
    }

    /// <summary>
    /// Makes all operations in the former data of a tenant fail, because it has moved. Returns false if they already
    /// do.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="generation">The generation of its present names, in any shard.</param>
    public bool CloseMoved(TenantId tenant, int generation)
    {
        var hasClosed = false;
        foreach (var (storage, owner) in _storages)
        {
            if (owner == tenant && storage.Generation != generation)
                hasClosed |= storage.CloseMoved();
        }
        return hasClosed;
    }

    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        _tenants.Exists(tenant, cancellationToken);

    /// <summary>Returns whether a tenant exists with a generation of names.</summary>
    public ValueTask<bool> Exists(TenantId tenant, int generation, CancellationToken cancellationToken) =>
        _tenants.Exists(tenant, generation, cancellationToken);

    public ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken) =>
        _tenants.Create(tenant, cancellationToken);

    public ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken) =>
        _tenants.Remove(tenant, cancellationToken);

    public ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken) =>
        _tenants.List(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _signals.DisposeAsync().ConfigureAwait(false);
        await Store.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }
}
