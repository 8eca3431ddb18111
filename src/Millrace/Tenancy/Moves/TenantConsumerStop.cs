using System.Globalization;
using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Acquires the leases of all consumers of a tenant in a shard when the nodes have released them. A node that was
/// paused, and whose lease has expired, cannot commit any more, because the lease epochs increase.
/// </summary>
/// <remarks>
/// The holder contains the number and the run of the move, so that a mover which another one has overtaken cannot
/// release the leases of its successor.
/// </remarks>
internal sealed class TenantConsumerStop(TenantId tenant, TenantPart part)
{
    private const string Prefix = "tenant-move-";

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan MaxPoll = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns the holder of the leases that a run of a move acquires.</summary>
    public static string HolderOf(TenantMoveRecord move) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{move.Generation}-{move.Run}");

    /// <summary>Acquires all leases. Waits until the nodes have released them.</summary>
    /// <param name="move">The record of the move, as the caller has written it.</param>
    /// <param name="duration">The duration of the leases. The nodes must release them within half of it.</param>
    /// <param name="throwIfTakenOver">Throws an exception if another call has taken over the move.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="TenantMoveException">A consumer did not stop in time.</exception>
    public async Task Take(
        TenantMoveRecord move,
        TimeSpan duration,
        Func<CancellationToken, ValueTask> throwIfTakenOver,
        CancellationToken cancellationToken)
    {
        var time = part.Store.Time;
        var started = time.GetTimestamp();
        for (var poll = FirstPoll; ; poll = poll * 2 < MaxPoll ? poll * 2 : MaxPoll)
        {
            var held = await TryTake(move, duration, cancellationToken).ConfigureAwait(false);
            await throwIfTakenOver(cancellationToken).ConfigureAwait(false);
            if (held is null)
                return;
            if (time.GetElapsedTime(started) > duration / 2)
            {
                throw new TenantMoveException(
                    tenant.Value,
                    $"the consumer '{part.Names.ToTenant(held.Consumer)}' did not stop on the node "
                        + $"'{held.Holder}' within {duration.TotalSeconds / 2:0} seconds. Try again when its handler "
                        + "has ended.",
                    isTransient: true);
            }
            await Task.Delay(poll, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Releases the leases of a run of a move and of earlier ones.</summary>
    /// <param name="move">The record of the move; null to release the leases of all movers.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Release(TenantMoveRecord? move, CancellationToken cancellationToken)
    {
        foreach (var one in await TenantConsumerCopier.List(part, cancellationToken).ConfigureAwait(false))
        {
            if (RunOf(one.Holder) is { } run && (move is null || run.CompareTo((move.Generation, move.Run)) <= 0))
                await Release(one, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Acquires the leases that are free or belong to an earlier mover. Returns one that is held; null for none.
    /// </summary>
    private async ValueTask<ConsumerRecord?> TryTake(
        TenantMoveRecord move, TimeSpan duration, CancellationToken cancellationToken)
    {
        ConsumerRecord? held = null;
        var holder = HolderOf(move);
        foreach (var one in await TenantConsumerCopier.List(part, cancellationToken).ConfigureAwait(false))
        {
            if (RunOf(one.Holder) is { } run && run.CompareTo((move.Generation, move.Run)) < 0)
                await Release(one, cancellationToken).ConfigureAwait(false);
            var record = await part.Storage.Leases
                .Acquire(
                    one.Consumer, one.Partition, holder, duration, part.Store.Time.GetUtcNow(), cancellationToken)
                .ConfigureAwait(false);
            if (record.Holder != holder)
                held = record;
        }
        return held;
    }

    private ValueTask Release(ConsumerRecord record, CancellationToken cancellationToken) =>
        part.Storage.Leases.Release(record.Consumer, record.Partition, record.LeaseEpoch, cancellationToken);

    /// <summary>Returns the move and the run that hold a lease; null for the lease of a node.</summary>
    private static (int Generation, long Run)? RunOf(string? holder)
    {
        if (holder?.StartsWith(Prefix, StringComparison.Ordinal) != true)
            return null;
        var numbers = holder[Prefix.Length..].Split('-');
        return numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var generation)
            && long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var run)
                ? (generation, run)
                : null;
    }
}
