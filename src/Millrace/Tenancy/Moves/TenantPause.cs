using Millrace.Events;
using Millrace.Sharding;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// The pause of a tenant at the end of its move: its consumers stop, and then the fence in the former shard refuses all
/// its commits.
/// </summary>
/// <remarks>
/// Each mover appends its own event to the fence after it has taken over the record of the move. A release is
/// conditional on the version of the fence that was read before the record was checked. So a release that is late
/// cannot lift the fence of a later mover.
/// </remarks>
internal sealed class TenantPause(TenantId tenant, TenantPart source, TenantMoveHome home)
{
    private readonly TenantConsumerStop _consumers = new(tenant, source);
    private long _fenced;

    /// <summary>Stops the consumers on all nodes, and then refuses all commits of the tenant.</summary>
    public async Task Start(TenantMoveState own, Action<string> step, CancellationToken cancellationToken)
    {
        var state = await TenantFences.Read(source.Storage, source.Fence, cancellationToken).ConfigureAwait(false);
        if (state.AcceptsCommits)
            await Append(own, PlatformEvents.TenantDraining, cancellationToken).ConfigureAwait(false);
        step("draining");
        await Take(own, cancellationToken).ConfigureAwait(false);
        _fenced = await Append(own, PlatformEvents.TenantFenced, cancellationToken).ConfigureAwait(false);
        step("fenced");
        // A node may have opened the tenant just before. A paused node cannot commit with its former lease any more.
        await Take(own, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks before the switch that the fence was not lifted.</summary>
    /// <exception cref="TenantMoveException">Another call or node has lifted it.</exception>
    public async ValueTask ThrowIfLifted(CancellationToken cancellationToken)
    {
        var state = await TenantFences.Read(source.Storage, source.Fence, cancellationToken).ConfigureAwait(false);
        if (state.Version != _fenced)
            throw TenantMoveHome.TakenOver(tenant);
    }

    /// <summary>
    /// Ends the pause of a move that has not switched, unless another call or node has taken over the move since. Takes
    /// over the record first, so that no earlier attempt to switch can succeed.
    /// </summary>
    /// <param name="paused">The record of the move when it paused the tenant.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Release(TenantMoveRecord paused, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            if (await home.Find(tenant, cancellationToken).ConfigureAwait(false) is not { } state
                || (state.Move.Generation, state.Move.Run) != (paused.Generation, paused.Run)
                || state.Move.Phase == TenantMovePhase.CleaningUp)
            {
                // It has switched, or another call continues it, which may not have seen the last leases.
                await _consumers.Release(paused, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (await home.TryTake(tenant, state, state.Move.Phase, cancellationToken).ConfigureAwait(false)
                is not { } own)
                continue;
            await Lift(own, cancellationToken).ConfigureAwait(false);
            return;
        }
    }

    /// <summary>Lets the tenant be used in its former shard again, while the caller owns the record.</summary>
    public async ValueTask Lift(TenantMoveState own, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            var state = await TenantFences.Read(source.Storage, source.Fence, cancellationToken).ConfigureAwait(false);
            if (state.CanBeOpened || state.Kind == PlatformEvents.TenantMoved)
                return;
            // After this check, a later mover appends another event to the fence, so that the release is refused.
            await home.ThrowIfChanged(tenant, own, cancellationToken).ConfigureAwait(false);
            await _consumers.Release(own.Move, cancellationToken).ConfigureAwait(false);
            if (await TenantFences
                .TryAppend(
                    source.Store, source.Fence, PlatformEvents.TenantReleased, state.Version, cancellationToken)
                .ConfigureAwait(false) is not null)
                return;
        }
        throw TenantMoveHome.Busy();
    }

    /// <summary>
    /// Lets the tenant be used again if the home shard has no record of a move, because it was restored to an earlier
    /// state. A mover cannot switch without the record.
    /// </summary>
    public async ValueTask LiftWithoutRecord(CancellationToken cancellationToken)
    {
        var state = await TenantFences.Read(source.Storage, source.Fence, cancellationToken).ConfigureAwait(false);
        if (state.CanBeOpened
            || state.Kind == PlatformEvents.TenantMoved
            || await home.Find(tenant, cancellationToken).ConfigureAwait(false) is not null)
            return;
        await _consumers.Release(move: null, cancellationToken).ConfigureAwait(false);
        // After the check of the record, a new mover appends another event to the fence.
        await TenantFences
            .TryAppend(source.Store, source.Fence, PlatformEvents.TenantReleased, state.Version, cancellationToken)
            .ConfigureAwait(false);
    }

    private Task Take(TenantMoveState own, CancellationToken cancellationToken) => _consumers.Take(
        own.Move, own.Move.MaxPause, cancel => home.ThrowIfChanged(tenant, own, cancel), cancellationToken);

    private async ValueTask<long> Append(TenantMoveState own, string kind, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            var state = await TenantFences.Read(source.Storage, source.Fence, cancellationToken).ConfigureAwait(false);
            await home.ThrowIfChanged(tenant, own, cancellationToken).ConfigureAwait(false);
            if (state.Kind == PlatformEvents.TenantMoved)
                throw TenantMoveHome.TakenOver(tenant);
            if (await TenantFences
                .TryAppend(source.Store, source.Fence, kind, state.Version, cancellationToken)
                .ConfigureAwait(false) is { } version)
                return version;
        }
        throw TenantMoveHome.Busy();
    }
}
