using Store1Space.Journal;

namespace Store1Space;

/// <summary>Stores the leases and checkpoints of consumers, and the requests of operators.</summary>
/// <param name="store">The store in memory that does the work until you replace it.</param>
internal sealed class DatabaseLeases(JournaledMemory store) : ILeaseStorage
{
    public ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => store.Change(new LeaseAcquired(consumer, partition, holder, duration, now), cancellationToken);

    public async ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        await store.Change(new LeaseReleased(consumer, partition, epoch), cancellationToken);

    public async ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => await store.Change(new StateReported(consumer, partition, epoch, state, error, now), cancellationToken);

    public async ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        await store.Change(new ConsumerPaused(consumer, isPaused), cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        store.Change(new ConsumerReset(consumer, checkpoint), cancellationToken);

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        store.Change(new ConsumerDivided(consumer, partitions), cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        store.Read(memory => memory.Leases.List(cancellationToken), cancellationToken);

    public ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Leases.Find(consumer, cancellationToken), cancellationToken);

    public async ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => await store.Change(new NodeShown(node, consumers, duration, now), cancellationToken);

    public async ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        await store.Change(new NodeRemoved(node), cancellationToken);

    public ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        store.Read(memory => memory.Leases.Inspect(now, cancellationToken), cancellationToken);
}
