using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class DividesLeasedPartitions(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        var held = (await Inner.List(cancellationToken))
            .Where(row => row.Consumer == consumer && row.Holder is not null)
            .ToList();
        var isDone = await base.Divide(consumer, partitions, cancellationToken);
        foreach (var row in held)
            await Inner.Acquire(
                consumer,
                row.Partition,
                row.Holder!,
                TimeSpan.FromMinutes(1),
                row.LeaseUntil,
                cancellationToken); // The old holder keeps the lease.
        return isDone;
    }
}

internal sealed class MergesSeparatePartitions(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        if (await base.Divide(consumer, partitions, cancellationToken))
            return true;
        var minCheckpoint = (await Inner.List(cancellationToken))
            .Where(row => row.Consumer == consumer)
            .Min(row => row.Checkpoint ?? 0);
        await Inner.Reset(consumer, minCheckpoint, cancellationToken);
        return await base.Divide(consumer, partitions, cancellationToken);
    }
}

internal sealed class MakesPartitions(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (!(await Inner.List(cancellationToken)).Any(row => row.Consumer == consumer && row.Partition == partition))
            await Inner.Divide(consumer, partition + 1, cancellationToken);
        return await base.Acquire(consumer, partition, holder, duration, now, cancellationToken);
    }
}
