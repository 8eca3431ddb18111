namespace Millrace.Storage.Moves;

/// <summary>The consumers where the store is.</summary>
internal sealed class MoveAwareLeases(MoveAwareStorage following) : ILeaseStorage
{
    public ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) =>
                storage.Leases.Acquire(ask.consumer, ask.partition, ask.holder, ask.duration, ask.now, cancel),
            (consumer, partition, holder, duration, now),
            cancellationToken);

    public ValueTask<bool> RenewAll(
        string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.RenewAll(ask.holder, ask.duration, ask.now, cancel),
            (holder, duration, now),
            cancellationToken);

    public ValueTask<bool> StoreFirstCheckpoint(
        string consumer, long checkpoint, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.StoreFirstCheckpoint(ask.consumer, ask.checkpoint, cancel),
            (consumer, checkpoint),
            cancellationToken);

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.Release(ask.consumer, ask.partition, ask.epoch, cancel),
            (consumer, partition, epoch),
            cancellationToken);

    public ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) =>
                storage.Leases.Report(ask.consumer, ask.partition, ask.epoch, ask.state, ask.error, ask.now, cancel),
            (consumer, partition, epoch, state, error, now),
            cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.SetPaused(ask.consumer, ask.isPaused, cancel),
            (consumer, isPaused),
            cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.Reset(ask.consumer, ask.checkpoint, cancel),
            (consumer, checkpoint),
            cancellationToken);

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) => storage.Leases.Divide(ask.consumer, ask.partitions, cancel),
            (consumer, partitions),
            cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        following.Current.Leases.List(cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        following.Current.Leases.Find(consumer, cancellationToken);

    public ValueTask ShowNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        following.Execute(
            static (storage, ask, cancel) =>
                storage.Leases.ShowNode(ask.node, ask.consumers, ask.duration, ask.now, cancel),
            (node, consumers, duration, now),
            cancellationToken);

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken) => following.Execute(
        static (storage, node, cancel) => storage.Leases.RemoveNode(node, cancel), node, cancellationToken);

    public ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        following.Current.Leases.Inspect(now, cancellationToken);
}
