namespace Millrace.Storage.Moves;

/// <summary>Accesses the leases of consumers in the storage that the store currently uses.</summary>
internal sealed class MoveAwareLeases(MoveAwareStorage moveAware) : ILeaseStorage
{
    public ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) =>
                storage.Leases.Acquire(args.consumer, args.partition, args.holder, args.duration, args.now, cancel),
            (consumer, partition, holder, duration, now),
            cancellationToken);

    public ValueTask<bool> RenewAll(
        string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Leases.RenewAll(args.holder, args.duration, args.now, cancel),
            (holder, duration, now),
            cancellationToken);

    public ValueTask<bool> StoreFirstCheckpoint(
        string consumer, long checkpoint, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) =>
                storage.Leases.StoreFirstCheckpoint(args.consumer, args.checkpoint, cancel),
            (consumer, checkpoint),
            cancellationToken);

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Leases.Release(args.consumer, args.partition, args.epoch, cancel),
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
        moveAware.Execute(
            static (storage, args, cancel) =>
                storage.Leases.Report(
                    args.consumer, args.partition, args.epoch, args.state, args.error, args.now, cancel),
            (consumer, partition, epoch, state, error, now),
            cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Leases.SetPaused(args.consumer, args.isPaused, cancel),
            (consumer, isPaused),
            cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Leases.Reset(args.consumer, args.checkpoint, cancel),
            (consumer, checkpoint),
            cancellationToken);

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) => storage.Leases.Divide(args.consumer, args.partitions, cancel),
            (consumer, partitions),
            cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        moveAware.Current.Leases.List(cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        moveAware.Current.Leases.Find(consumer, cancellationToken);

    public ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        moveAware.Execute(
            static (storage, args, cancel) =>
                storage.Leases.AnnounceNode(args.node, args.consumers, args.duration, args.now, cancel),
            (node, consumers, duration, now),
            cancellationToken);

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken) => moveAware.Execute(
        static (storage, node, cancel) => storage.Leases.RemoveNode(node, cancel), node, cancellationToken);

    public ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        moveAware.Current.Leases.Inspect(now, cancellationToken);
}
