using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// A tenant's part of the storage of an open store. Its commits use the commit queue that all tenants share.
/// </summary>
/// <param name="names">The names of the tenant.</param>
/// <param name="tenant">The tenant.</param>
/// <param name="shared">The store that tenants share.</param>
/// <param name="signal">The signal for new events of the tenant.</param>
/// <param name="fence">The fence of the tenant, which can be moved to another shard; null without shards.</param>
internal sealed class QueuedTenantStorage(
    TenantNames names, TenantId tenant, EventStore shared, TenantSignal signal, TenantFence? fence = null)
    : TenantStorage(names, tenant, shared.Storage, signal), ISharedCommitQueue
{
    private const int MaxAttempts = 5;

    private volatile bool _isClosed;

    /// <summary>Gets the generation of the names; 0 if the tenant never moved.</summary>
    public int Generation => fence?.Generation ?? 0;

    /// <summary>Gets or sets what runs when the storage is disposed.</summary>
    public Action<QueuedTenantStorage>? Disposed { get; init; }

    public override async ValueTask Open(CancellationToken cancellationToken)
    {
        if (fence is not null)
            SetCopied((await fence.Open(cancellationToken).ConfigureAwait(false)).CopiedUntil);
    }

    public Task<CommitOutcome> Commit(CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        _isClosed
            ? throw new StorageException("The store is closed and accepts no more requests.", StorageProblem.Closed)
            : CommitGuarded(Requests.ToStored(request), isBackground, cancellationToken);

    /// <summary>
    /// Makes all operations fail, because the tenant has moved to another shard. Returns false if they already do.
    /// </summary>
    public bool CloseMoved() => Names.TryClose(new TenantMovingException(Tenant));

    public override ValueTask DisposeAsync()
    {
        _isClosed = true;
        Disposed?.Invoke(this);
        return base.DisposeAsync();
    }

    private async Task<CommitOutcome> CommitGuarded(
        CommitRequest stored, bool isBackground, CancellationToken cancellationToken)
    {
        if (fence is null)
            return Requests.ToTenant(
                await shared.TryCommit(stored, isBackground, cancellationToken).ConfigureAwait(false));
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            if (await fence.FindGuard(cancellationToken).ConfigureAwait(false) is not { } guard)
                break;
            var guarded = stored.WithContents(guards: [.. stored.Guards, guard]);
            var outcome = await shared.TryCommit(guarded, isBackground, cancellationToken).ConfigureAwait(false);
            if (!fence.IsCause(outcome.Refusal))
                return Requests.ToTenant(outcome);
            await fence.Refresh(cancellationToken).ConfigureAwait(false);
        }
        return CommitOutcome.Refused(new TenantMovingException(Tenant));
    }
}
