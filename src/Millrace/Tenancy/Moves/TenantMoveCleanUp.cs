using Millrace.Events;
using Millrace.Sharding;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>Removes the data of a moved tenant from its former shard, or the copy of a cancelled move.</summary>
/// <remarks>
/// The names that are removed contain the generation of a move, so that a late call cannot remove the data of another
/// move. The entries in the catalogs change only if they still belong to the move.
/// </remarks>
internal sealed class TenantMoveCleanUp(
    TenantId tenant,
    TenantMoveHome home,
    Func<TenantMoveRecord, TenantPart> sourceOf,
    Func<TenantMoveRecord, TenantPart> targetOf)
{
    /// <summary>Gets what runs after each step, for tests.</summary>
    public required Action<string> AfterStep { get; init; }

    /// <summary>Gets the time in which nodes notice that the tenant has moved.</summary>
    public required TimeSpan NoticeTime { get; init; }

    /// <summary>
    /// Records in the former shard that the tenant has left, and then lets nodes open it in its new shard. So the
    /// former shard knows of each tenant that is used elsewhere, even if the home shard is restored.
    /// </summary>
    public async Task Arrive(TenantMoveState own, CancellationToken cancellationToken)
    {
        var (source, target) = (sourceOf(own.Move), targetOf(own.Move));
        var time = source.Store.Time;
        await TenantFences
            .Set(source.Store, source.Fence, PlatformEvents.TenantMoved, cancellationToken)
            .ConfigureAwait(false);
        await ChangeEntry(
            source,
            own,
            entry => entry.LeftAt is null
                ? entry with { LeftAt = time.GetUtcNow(), MovedTo = own.Move.To.Value }
                : entry,
            cancellationToken).ConfigureAwait(false);
        AfterStep("left");
        // Only the mover has written to the fence of these names. A later move appends further events to it.
        await TenantFences
            .TryAppend(
                target.Store,
                target.Fence,
                PlatformEvents.TenantReleased,
                TenantFences.FirstVersion,
                cancellationToken)
            .ConfigureAwait(false);
        AfterStep("arrived");
    }

    /// <summary>Removes the data from the former shard.</summary>
    public async Task RemoveFormer(TenantMoveState own, CancellationToken cancellationToken)
    {
        var source = sourceOf(own.Move);
        var time = source.Store.Time;
        await Task.Delay(NoticeTime, time, cancellationToken).ConfigureAwait(false);
        var reason = $"the tenant {tenant} has moved to the shard {own.Move.To}";
        await new TenantRemoval(source.Store, source.Names.Prefix, reason).Run(cancellationToken).ConfigureAwait(false);
        AfterStep("removed");
        await ChangeEntry(source, own, entry => entry with { RemovedAt = time.GetUtcNow() }, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Removes the copy of a cancelled move.</summary>
    public async Task RemoveCopy(TenantMoveState own, CancellationToken cancellationToken)
    {
        var target = targetOf(own.Move);
        await new ArrivalWriter(target, tenant).Take(cancellationToken).ConfigureAwait(false); // Ends other movers.
        await home.ThrowIfChanged(tenant, own, cancellationToken).ConfigureAwait(false);
        await new TenantCatalog(target.Store).Ensure(cancellationToken).ConfigureAwait(false);
        var now = target.Store.Time.GetUtcNow();
        await ChangeEntry(
            target,
            own,
            entry => entry with { LeftAt = now, RemovedAt = now, MovedTo = own.Move.From.Value },
            cancellationToken).ConfigureAwait(false);
        var reason = $"the move of the tenant {tenant} to this shard was cancelled";
        await new TenantRemoval(target.Store, target.Names.Prefix, reason).Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Changes the entry of the tenant in the catalog of a shard, unless it belongs to another move by now.
    /// </summary>
    private async ValueTask ChangeEntry(
        TenantPart part,
        TenantMoveState own,
        Func<TenantCatalog.Entry, TenantCatalog.Entry> change,
        CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            var (entry, version) = await TenantCatalog
                .FindWithVersion(part.Storage, tenant, cancellationToken)
                .ConfigureAwait(false);
            if (entry is null || entry.Generation != part.Generation)
                return;
            await home.ThrowIfChanged(tenant, own, cancellationToken).ConfigureAwait(false);
            if (await new TenantCatalog(part.Store)
                .TryChange(tenant, change(entry), version, cancellationToken)
                .ConfigureAwait(false))
                return;
        }
        throw TenantMoveHome.Busy();
    }
}
