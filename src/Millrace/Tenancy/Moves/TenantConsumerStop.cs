using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Acquires the leases of all consumers of a tenant in its former shard when the nodes have released them. A node that
/// was paused, and whose lease has expired, cannot commit any more, because the lease epochs increase.
/// </summary>
internal sealed class TenantConsumerStop(TenantId tenant, TenantPart source)
{
    /// <summary>The holder of the leases of tenants that move.</summary>
    public const string Mover = "tenant-move";

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Acquires all leases. Waits until the nodes have released them.</summary>
    /// <param name="maxPause">The maximum time during which the tenant is not available. The leases last as long, and
    /// the nodes must release them within half of it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TenantMoveException">A consumer did not stop in time.</exception>
    public async Task Take(TimeSpan maxPause, CancellationToken cancellationToken)
    {
        var time = source.Store.Time;
        var started = time.GetTimestamp();
        for (var poll = FirstPoll; ; poll = poll * 2 < MaxPoll ? poll * 2 : MaxPoll)
        {
            if (await TryTake(maxPause, cancellationToken).ConfigureAwait(false) is not { } held)
                return;
            if (time.GetElapsedTime(started) > maxPause / 2)
            {
                throw new TenantMoveException(
                    tenant.Value,
                    $"the consumer '{source.Names.ToTenant(held.Consumer)}' did not stop on the node "
                        + $"'{source.Names.ToTenant(held.Holder ?? "")}' within {maxPause.TotalSeconds / 2:0} seconds. "
                        + "Try again when its handler has ended.",
                    isTransient: true);
            }
            await Task.Delay(poll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Releases the leases of this mover, or of one that was killed.</summary>
    public async ValueTask Release(CancellationToken cancellationToken)
    {
        foreach (var one in await TenantConsumerCopier.List(source, cancellationToken).ConfigureAwait(false))
        {
            if (one.Holder == Mover)
                await source.Storage.Leases
                    .Release(one.Consumer, one.Partition, one.LeaseEpoch, cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>Acquires the leases that are free. Returns one that a node holds; null if there is none.</summary>
    private async ValueTask<ConsumerRecord?> TryTake(TimeSpan duration, CancellationToken cancellationToken)
    {
        ConsumerRecord? held = null;
        foreach (var one in await TenantConsumerCopier.List(source, cancellationToken).ConfigureAwait(false))
        {
            var record = await source.Storage.Leases
                .Acquire(
                    one.Consumer,
                    one.Partition,
                    Mover,
                    duration,
                    source.Store.Time.GetUtcNow(),
                    cancellationToken)
                .ConfigureAwait(false);
            if (record.Holder != Mover)
                held = record;
        }
        return held;
    }
}
