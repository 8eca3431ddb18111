using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class DividesLeasedPartitions(IStorage sound) : FaultyLeases(sound)
{
    public override async ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        var held = (await Inner.List(cancellationToken))
            .Where(one => one.Consumer == consumer && one.Holder is not null)
            .ToList();
        var isDone = await base.Divide(consumer, partitions, cancellationToken);
        foreach (var one in held)
            await Inner.Acquire(
                consumer,
                one.Partition,
                one.Holder!,
                TimeSpan.FromMinutes(1),
                one.LeaseUntil,
                cancellationToken); // Held.
        return isDone;
    }
}

internal sealed class MergesSeparatePartitions(IStorage sound) : FaultyLeases(sound)
{
    public override async ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken)
    {
        if (await base.Divide(consumer, partitions, cancellationToken))
            return true;
        var least = (await Inner.List(cancellationToken))
            .Where(one => one.Consumer == consumer)
            .Min(one => one.Checkpoint ?? 0);
        await Inner.Reset(consumer, least, cancellationToken);
        return await base.Divide(consumer, partitions, cancellationToken);
    }
}

internal sealed class MakesPartitions(IStorage sound) : FaultyLeases(sound)
{
    public override async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (!(await Inner.List(cancellationToken)).Any(one => one.Consumer == consumer && one.Partition == partition))
            await Inner.Divide(consumer, partition + 1, cancellationToken);
        return await base.Acquire(consumer, partition, holder, duration, now, cancellationToken);
    }
}
