using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>A tenant's consumers in a shared storage.</summary>
internal sealed class TenantLeases(TenantNames names, ILeaseStorage shared) : ILeaseStorage
{
    public async ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        names.ToTenant(
            await shared
                .Acquire(names.ToStored(consumer), partition, holder, duration, now, cancellationToken)
                .ConfigureAwait(false));

    public ValueTask<bool> StoreFirstCheckpoint(
        string consumer,
        long checkpoint,
        CancellationToken cancellationToken
    ) => shared.StoreFirstCheckpoint(names.ToStored(consumer), checkpoint, cancellationToken);

    public ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        shared.Release(names.ToStored(consumer), partition, epoch, cancellationToken);

    public ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => shared.Report(names.ToStored(consumer), partition, epoch, state, error, now, cancellationToken);

    public ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        shared.SetPaused(names.ToStored(consumer), isPaused, cancellationToken);

    public ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        shared.Reset(names.ToStored(consumer), checkpoint, cancellationToken);

    public ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        shared.Divide(names.ToStored(consumer), partitions, cancellationToken);

    public async ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        OwnOnly(await shared.List(cancellationToken).ConfigureAwait(false));

    public async ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        OwnOnly(await shared.Find(names.ToStored(consumer), cancellationToken).ConfigureAwait(false));

    public ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => shared.AnnounceNode(
        names.ToStored(node), [.. consumers.Select(names.ToStored)], duration, now, cancellationToken);

    public ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        shared.RemoveNode(names.ToStored(node), cancellationToken);

    public async ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var table = await shared.Inspect(now, cancellationToken).ConfigureAwait(false);
        var nodes = table
            .Nodes.Where(node => names.IsOwn(node.Name))
            .Select(node =>
                node with
                {
                    Name = names.ToTenant(node.Name),
                    Consumers = [.. node.Consumers.Select(names.ToTenant)],
                }
            );
        return new LeaseTable(table.Now, [.. nodes], OwnOnly(table.Consumers));
    }

    private List<ConsumerRecord> OwnOnly(IReadOnlyList<ConsumerRecord> all)
    {
        var own = new List<ConsumerRecord>();
        foreach (var record in all)
        {
            if (names.IsOwn(record.Consumer))
                own.Add(names.ToTenant(record));
        }
        return own;
    }
}
