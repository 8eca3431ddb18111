namespace Millrace.Storage;

/// <summary>The consumers of a storage: their nodes, leases, checkpoints and the requests of operators.</summary>
/// <remarks>
/// Leases and nodes use a single clock: that of the database if it has one, otherwise that of the caller. So a node
/// with a wrong clock neither takes a lease that another node holds nor keeps one that it has lost.
/// </remarks>
public interface ILeaseStorage
{
    /// <summary>Takes or renews the lease on a consumer's partition.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partition">The partition, from 0.</param>
    /// <param name="holder">The node that requests the lease.</param>
    /// <param name="duration">The duration of the lease from now.</param>
    /// <param name="now">The clock of the node; a database with its own clock uses that.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The current record of the partition. The node has the lease if it is the
    /// <see cref="ConsumerRecord.Holder"/>. A new holder gets a new <see cref="ConsumerRecord.LeaseEpoch"/>; the same
    /// holder keeps its epoch. Partition 0 is created on the first request, the others only by <see cref="Divide"/>.
    /// For a partition that does not exist, no lease is given and nothing is stored.</returns>
    ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>
    /// Renews all leases of a node together, as <see cref="Acquire"/> renews one, and repeats the last report of the
    /// node for each (<see cref="ConsumerRecord.ReportedAt"/>). Rows that another transaction has locked are skipped:
    /// they are renewed separately.
    /// </summary>
    /// <returns>False, without any change, if the storage can only renew leases separately. The default implementation
    /// returns false.</returns>
    ValueTask<bool> RenewAll(
        string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) => new(false);

    /// <summary>
    /// Stores the first checkpoint of a consumer that has none, before any node takes its lease. A missing consumer is
    /// added. Each partition without a checkpoint gets the lowest checkpoint of the others, or
    /// <paramref name="checkpoint"/> if none has one. Existing checkpoints and leases stay unchanged.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="checkpoint">The position after which the consumer starts.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the storage does not support it. The default implementation returns
    /// false. The first checkpoint is then stored under the lease, and the consumer may start later if a node is killed
    /// in between.</returns>
    ValueTask<bool> StoreFirstCheckpoint(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        new(false);

    /// <summary>Releases the lease, if <paramref name="epoch"/> is still the current one.</summary>
    ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a holder's report of its state; ignored if <paramref name="epoch"/> is no longer the current one.
    /// </summary>
    ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>
    /// Pauses or resumes a consumer. Current holders see it when they renew their leases, later ones when they start.
    /// </summary>
    ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken);

    /// <summary>
    /// Sets a consumer's checkpoint and ends its lease, so that the consumer starts again from there. The lease epoch
    /// increases, and a commit under the old one is refused. For a consumer that has never started, the checkpoint is
    /// stored, and it counts as started. Its open dead letters after the checkpoint are changed as
    /// <see cref="DeadLetter.AfterReset"/> defines, because their events are handled again.
    /// </summary>
    /// <remarks>
    /// Nothing is changed if there is a collection with the consumer's name and an open dead letter without a key after
    /// the checkpoint. The document of such an event is unknown and may already reflect later events, so that only the
    /// dead letter shows that the event is missing. This is checked in the transaction of the reset.
    /// </remarks>
    /// <returns>The number of such a dead letter; null if the consumer was reset.</returns>
    ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// Divides a consumer into partitions, numbered from 0, so that several nodes can run it. A key has a number; its
    /// partition is the remainder of that number divided by the number of partitions. All leases end, and each new
    /// lease epoch is greater than every earlier one of any partition, so that a node with an old partition writes
    /// nothing more.
    /// </summary>
    /// <remarks>
    /// If <paramref name="partitions"/> is a multiple of the current number <c>n</c>, each new partition <c>q</c> is a
    /// part of the old partition <c>q % n</c> and starts at its checkpoint. Otherwise all checkpoints must be equal.
    /// </remarks>
    /// <returns>True if the consumer now has this number of partitions, even if it already had it. False, without any
    /// change, if checkpoints differ that must be equal, or if a dead letter of the consumer is open.</returns>
    ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken);

    /// <summary>Lists all partitions of all consumers, ordered by name.</summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Returns the partitions of a consumer, in order, at one moment; none if the consumer does not exist.
    /// </summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Announces a node and the consumers that it can run. Nodes whose announcement has expired are removed.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="consumers">The names of the consumers that the node can run.</param>
    /// <param name="duration">The duration of the announcement from now.</param>
    /// <param name="now">The clock of the node; a database with its own clock uses that.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Removes a node. Its leases are released separately.</summary>
    ValueTask RemoveNode(string node, CancellationToken cancellationToken);

    /// <summary>Returns the announced nodes and all partitions of all consumers, at one moment.</summary>
    /// <param name="now">The clock of the caller; a database with its own clock uses that.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken);
}
