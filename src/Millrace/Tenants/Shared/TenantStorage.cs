using Millrace.Storage;

namespace Millrace;

/// <summary>A tenant's part of a storage that several tenants share, as a storage of its own.</summary>
/// <remarks>
/// All isolation of tenants that share a storage is here: whatever the parts of Millrace above ask for, they ask it of this, and it turns
/// each name into one that begins as the tenant's do.
/// </remarks>
internal class TenantStorage : IStorage
{
    private readonly IStorage _shared;
    private readonly TenantId _tenant;

    /// <summary>Makes the part of a tenant; disposing it disposes the shared storage, unless that is another's.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="shared">The shared storage, open or not.</param>
    /// <param name="signal">Wakes when there are events of the tenant; null to look for any.</param>
    public TenantStorage(TenantId tenant, IStorage shared, TenantSignal? signal = null)
    {
        (_tenant, _shared, Signal) = (tenant, shared, signal);
        var names = new TenantNames(tenant);
        Requests = new TenantRequests(names);
        var log = new TenantLog(names, Requests, shared.Log, signal);
        var leases = new TenantLeases(names, shared.Leases);
        (Log, Leases) = (log, leases);
        Documents = new TenantDocuments(names, shared.Documents);
        DeadLetters = new TenantLetters(names, shared.DeadLetters, leases);
        Maintenance = new TenantMaintenance(tenant, log, shared.Maintenance);
    }

    public string Description => $"tenant {_tenant} of {_shared.Description}";

    public ILogStorage Log { get; }

    public IDocumentStorage Documents { get; }

    public ILeaseStorage Leases { get; }

    public IDeadLetterStorage DeadLetters { get; }

    public IMaintenanceStorage Maintenance { get; }

    protected TenantRequests Requests { get; }

    protected TenantSignal? Signal { get; }

    public virtual ValueTask Open(CancellationToken cancellationToken) => _shared.Open(cancellationToken);

    public virtual ValueTask DisposeAsync() => _shared.DisposeAsync();
}
