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
    private readonly TenantSignal? _signal;
    private readonly TenantLog _log;

    /// <summary>Creates the storage of a tenant.</summary>
    /// <param name="names">The names of the tenant. If this object is the only user of the storage, it reads their
    /// generation when it opens.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="shared">The shared storage.</param>
    /// <param name="signal">The signal for new events of the tenant, if other components have the storage open. If
    /// null, this object is the only user of the storage, and opens and disposes it.</param>
    public TenantStorage(TenantNames names, TenantId tenant, IStorage shared, TenantSignal? signal = null)
    {
        Tenant = tenant;
        Names = names;
        _shared = shared;
        _signal = signal;
        Requests = new TenantRequestMapper(names);
        var log = _log = new TenantLog(names, Requests, shared.Log, signal);
        Log = log;
        Leases = new TenantLeases(names, shared.Leases);
        Documents = new TenantDocuments(names, shared.Documents);
        DeadLetters = new TenantDeadLetters(names, shared.DeadLetters);
        Maintenance = new TenantMaintenance(tenant, names, log, shared.Maintenance);
    }

    public string Description => $"tenant {Tenant} of {_shared.Description}";

    public ILogStorage Log { get; }

    public IDocumentStorage Documents { get; }

    public ILeaseStorage Leases { get; }

    public IDeadLetterStorage DeadLetters { get; }

    public IMaintenanceStorage Maintenance { get; }

    public IQueryPlanner? Planner => _shared.Planner is { } planner ? new TenantPlanner(Names, planner) : null;

    public string? DataDirectory => _shared.DataDirectory;

    public string? MissingFile => _shared.MissingFile;

    protected TenantRequestMapper Requests { get; }

    protected TenantNames Names { get; }

    protected TenantId Tenant { get; }

    public ValueTask Ping(CancellationToken cancellationToken) => _shared.Ping(cancellationToken);

    /// <exception cref="StorageException">The tenant has moved to another shard, or is being moved.</exception>
    public virtual async ValueTask Open(CancellationToken cancellationToken)
    {
        if (_signal is not null)
            return;
        await _shared.Open(cancellationToken).ConfigureAwait(false);
        if (!await TenantCollection.IsIn(_shared, cancellationToken).ConfigureAwait(false)
            || await TenantCatalog.Find(_shared, Tenant, cancellationToken).ConfigureAwait(false) is not { } entry)
            return;
        if (entry.MovedTo is { } target)
        {
            throw new StorageException(
                $"The tenant '{Tenant}' has moved to the shard '{target}'. Use the store of this shard.",
                StorageProblem.Moved);
        }
        Names.Use(entry.Generation);
        SetCopied(entry.CopiedUntil);
        var fence = TenantFences.StreamOf(Tenant, entry.Generation);
        var state = await TenantFences.Read(_shared, fence, cancellationToken).ConfigureAwait(false);
        if (!state.CanBeOpened)
            throw new StorageException(
                $"The tenant '{Tenant}' is moving to another shard. Try again in a few seconds.", StorageProblem.Busy);
        Requests.Fence = new StreamGuard(fence, state.Version) { IsFence = true };
    }

    public async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var shared = query with
        {
            Collection = Names.ToStored(query.Collection),
            Stream = Names.ToStored(query.Stream),
        };
        var stored = await _shared.ReadSnapshot(shared, cancellationToken).ConfigureAwait(false);
        return stored with { EventsAfter = stored.EventsAfter is { } page ? _log.ToTenant(page) : null };
    }

    /// <summary>Sets the position of the last event that a move has copied.</summary>
    protected void SetCopied(long position) => _log.CopiedUntil = position;

    public virtual ValueTask DisposeAsync()
    {
        if (_signal is null)
            return _shared.DisposeAsync();
        _signal.Dispose();
        return ValueTask.CompletedTask;
    }
}
