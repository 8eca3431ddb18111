using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tenancy.Shared;

/// <summary>The tenants that share one storage. Every stored name of a tenant starts with the tenant's name.</summary>
internal sealed class SharedTenants : ITenantStorage, IShardStore
{
    private readonly OpenStoreTenants _tenants;
    private readonly TenantSignals _signals;
    private readonly SemaphoreSlim _opening = new(1);
    private bool _isOpen;

    public SharedTenants(IStorage storage, StoreOptions options, StoreServices services)
    {
        Store = EventStore.Create(storage, EventTypeMap.Empty, options, services);
        _tenants = new OpenStoreTenants(Store);
        _signals = new TenantSignals(Store);
    }

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

    public IStorage Of(TenantId tenant) => new QueuedTenantStorage(tenant, Store, _signals.Of(tenant));

    public ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        _tenants.Exists(tenant, cancellationToken);

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
