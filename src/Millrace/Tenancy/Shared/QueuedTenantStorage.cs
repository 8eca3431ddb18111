using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// A tenant's part of the storage of an open store. Its commits use the commit queue that all tenants share.
/// </summary>
internal sealed class QueuedTenantStorage(TenantId tenant, EventStore shared, TenantSignal signal)
    : TenantStorage(tenant, shared.Storage, signal), ISharedCommitQueue
{
    private volatile bool _isClosed;

    public async Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        _isClosed
            ? throw new StorageException("The store is closed and accepts no more requests.", StorageProblem.Closed)
            : Requests.ToTenant(
                await shared
                    .TryCommit(Requests.ToStored(request), isBackground, cancellationToken)
                    .ConfigureAwait(false)
            );

    public override ValueTask DisposeAsync()
    {
        _isClosed = true;
        return base.DisposeAsync();
    }
}
