using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class GrantsHeldLeases(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => base.Acquire(consumer, partition, holder, TimeSpan.Zero, now, cancellationToken);
}

internal sealed class NeverEndsALease(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => base.Acquire(consumer, partition, holder, TimeSpan.FromDays(9_999), now, cancellationToken);
}

internal sealed class ReleasesExpiredLeases(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask Release(
        string consumer, int partition, long epoch, CancellationToken cancellationToken)
    {
        var record = (await Inner.List(cancellationToken)).SingleOrDefault(row =>
            row.Consumer == consumer && row.Partition == partition);
        await base.Release(consumer, partition, record?.LeaseEpoch ?? epoch, cancellationToken);
    }
}

internal sealed class RenewsWithANewEpoch(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var record = (await Inner.List(cancellationToken)).SingleOrDefault(row =>
            row.Consumer == consumer && row.Partition == partition);
        if (record?.Holder == holder)
            await Inner.Release(consumer, partition, record.LeaseEpoch, cancellationToken);
        return await base.Acquire(consumer, partition, holder, duration, now, cancellationToken);
    }
}

internal sealed class ForgetsPauses(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}

internal sealed class AcceptsStaleReports(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var record = (await Inner.List(cancellationToken)).Single(row =>
            row.Consumer == consumer && row.Partition == partition);
        await base.Report(consumer, partition, record.LeaseEpoch, state, error, now, cancellationToken);
    }
}

internal sealed class TreatsMissingCheckpointAsZero(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var record = await base.Acquire(consumer, partition, holder, duration, now, cancellationToken);
        return record with { Checkpoint = record.Checkpoint ?? 0 };
    }
}

internal sealed class ResetsOnlyStartedConsumers(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var hasStarted = (await Inner.List(cancellationToken)).Any(record =>
            record.Consumer == consumer && record.Checkpoint is not null);
        return hasStarted ? await base.Reset(consumer, checkpoint, cancellationToken) : null;
    }
}

internal sealed class KeepsNoEpoch(IStorage inner) : FaultyMaintenance(inner)
{
    public override async ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken)
    {
        var head = await Inner.Log.GetHead(cancellationToken);
        return head with { Epoch = head.Epoch + 1 };
    }
}

internal sealed class ForgetsTooMuch(IStorage inner) : FaultyMaintenance(inner)
{
    public override ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        Inner.Maintenance.RemoveByPrefix(prefix.TrimEnd('/'), cancellationToken);
}

internal sealed class CountsStreamsForEvents(IStorage inner) : FaultyMaintenance(inner)
{
    public override async ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken)
    {
        var info = await base.GetInfo(cancellationToken);
        return info with { Events = info.Streams };
    }
}

internal sealed class ShowsNodesForever(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => base.AnnounceNode(node, consumers, TimeSpan.FromDays(9_999), now, cancellationToken);
}

internal sealed class KeepsRemovedNodes(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask RemoveNode(string node, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

internal sealed class UsesAnotherClock(IStorage inner) : FaultyLeases(inner)
{
    public override ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        base.Inspect(now - TimeSpan.FromHours(1), cancellationToken);
}

internal sealed class CountsRenewalsAsNewHolders(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => await base.Acquire(consumer, partition, holder, duration, now, cancellationToken) with { HeldSince = now };
}
