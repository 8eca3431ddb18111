using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>Provides one tenant's part of a shared storage as a separate storage.</summary>
/// <remarks>
/// This class isolates the tenants in a shared storage. The layers above access the shared storage only through this
/// class, which adds the tenant's prefix to each name.
/// </remarks>
internal class TenantStorage : IStorage
{
    private readonly IStorage _shared;
    private readonly TenantId _tenant;
    private readonly TenantSignal? _signal;
    private readonly TenantNames _names;
    private readonly TenantLog _log;

    /// <summary>Creates the storage of a tenant.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="shared">The shared storage.</param>
    /// <param name="signal">The signal for new events of the tenant, if other components have the storage open. If
    /// null, this object is the only user of the storage, and opens and disposes it.</param>
    public TenantStorage(TenantId tenant, IStorage shared, TenantSignal? signal = null)
    {
        _tenant = tenant;
        _shared = shared;
        _signal = signal;
        var names = _names = new TenantNames(tenant);
        Requests = new TenantRequestMapper(names);
        var log = _log = new TenantLog(names, Requests, shared.Log, signal);
        Log = log;
        Leases = new TenantLeases(names, shared.Leases);
        Documents = new TenantDocuments(names, shared.Documents);
        DeadLetters = new TenantDeadLetters(names, shared.DeadLetters);
        Maintenance = new TenantMaintenance(tenant, names, log, shared.Maintenance);
    }

    public string Description => $"tenant {_tenant} of {_shared.Description}";

    public ILogStorage Log { get; }

    public IDocumentStorage Documents { get; }

    public ILeaseStorage Leases { get; }

    public IDeadLetterStorage DeadLetters { get; }

    public IMaintenanceStorage Maintenance { get; }

    public IQueryPlanner? Planner => _shared.Planner is { } planner ? new TenantPlanner(_names, planner) : null;

    protected TenantRequestMapper Requests { get; }

    public ValueTask Open(CancellationToken cancellationToken) =>
        _signal is null ? _shared.Open(cancellationToken) : ValueTask.CompletedTask;

    public async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var shared = query with
        {
            Collection = _names.ToStored(query.Collection),
            Stream = _names.ToStored(query.Stream),
        };
        var stored = await _shared.ReadSnapshot(shared, cancellationToken).ConfigureAwait(false);
        return stored with { EventsAfter = stored.EventsAfter is { } page ? _log.ToTenant(page) : null };
    }

    public virtual ValueTask DisposeAsync()
    {
        if (_signal is null)
            return _shared.DisposeAsync();
        _signal.Dispose();
        return ValueTask.CompletedTask;
    }
}
