using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>The fence of a tenant that this node has open, for the guards of its commits. Thread-safe.</summary>
/// <param name="tenant">The tenant.</param>
/// <param name="generation">The generation of its names in the store.</param>
/// <param name="store">The store that tenants share.</param>
/// <param name="changed">Called when the fence refuses a commit.</param>
internal sealed class TenantFence(TenantId tenant, int generation, EventStore store, Action<TenantId> changed)
{
    private volatile Known _known = new(default, LogEpoch: 0);

    public TenantId Tenant { get; } = tenant;

    public int Generation { get; } = generation;

    public StreamId Stream { get; } = TenantFences.StreamOf(tenant, generation);

    /// <summary>
    /// Reads the state of the tenant in the store when it is opened. Returns its entry in the catalog.
    /// </summary>
    /// <exception cref="TenantMovingException">The tenant is being moved, or has moved to another shard.</exception>
    public async ValueTask<TenantCatalog.Entry> Open(CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken).ConfigureAwait(false);
        // The entry is read after the fence: a tenant that left before has a fence.
        var entry = await TenantCatalog.Find(store.Storage, Tenant, cancellationToken).ConfigureAwait(false);
        if (_known.State.CanBeOpened && entry is { LeftAt: null } && entry.Generation == Generation)
            return entry;
        changed(Tenant);
        throw new TenantMovingException(Tenant);
    }

    /// <summary>Returns the guard of a commit; null if the tenant is being moved or has moved.</summary>
    public async ValueTask<StreamGuard?> FindGuard(CancellationToken cancellationToken)
    {
        // After a restore, the version that was read before has no meaning.
        if (!_known.State.AcceptsCommits || _known.LogEpoch != store.Tail.Head.Epoch)
            await Refresh(cancellationToken).ConfigureAwait(false);
        var state = _known.State;
        if (state.AcceptsCommits)
            return new StreamGuard(Stream, state.Version) { IsFence = true };
        changed(Tenant);
        return null;
    }

    /// <summary>Returns whether a refusal has the cause that the fence has changed.</summary>
    public bool IsCause(MillraceException? refusal) =>
        refusal is VersionConflictException conflict && conflict.Stream == Stream;

    /// <summary>Appends events to stored streams of the tenant, unless it is being moved or has moved.</summary>
    public async Task<CommitOutcome> TryAppend(AppendRequest request, CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken).ConfigureAwait(false);
        if (await FindGuard(cancellationToken).ConfigureAwait(false) is not { } guard)
            return CommitOutcome.Refused(new TenantMovingException(Tenant));
        var encoded = store.Encode(request);
        var guarded = encoded.WithContents(guards: [.. encoded.Guards, guard]);
        var outcome = await store.TryCommit(guarded, isBackground: false, cancellationToken).ConfigureAwait(false);
        return IsCause(outcome.Refusal) ? CommitOutcome.Refused(new TenantMovingException(Tenant)) : outcome;
    }

    /// <summary>Reads the state of the fence again.</summary>
    public async ValueTask Refresh(CancellationToken cancellationToken)
    {
        var epoch = store.Tail.Head.Epoch;
        var state = await TenantFences.Read(store.Storage, Stream, cancellationToken).ConfigureAwait(false);
        _known = new Known(state, epoch);
    }

    private sealed record Known(TenantFenceState State, long LogEpoch);
}
