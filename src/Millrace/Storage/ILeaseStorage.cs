namespace Millrace.Storage;

/// <summary>
/// Stores the state of consumers, which consists of their nodes, leases, checkpoints and the requests of operators.
/// </summary>
/// <remarks>
/// Leases and nodes use the clock of the database if it has one, and otherwise the clock of the caller. With the clock
/// of the database, a node with a wrong clock cannot acquire a lease that another node holds. Such a node also cannot
/// keep a lease that it has lost.
/// </remarks>
public interface ILeaseStorage
{
    /// <summary>Acquires or renews the lease on a consumer's partition.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partition">The partition, from 0.</param>
    /// <param name="holder">The node that requests the lease.</param>
    /// <param name="duration">The duration of the lease from now.</param>
    /// <param name="now">The current time of the node. A database with its own clock ignores this value.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The current record of the partition. The node has the lease if it is the
    /// <see cref="ConsumerRecord.Holder"/>. A new holder gets a new <see cref="ConsumerRecord.LeaseEpoch"/>, and the
    /// same holder keeps its epoch. The first request creates partition 0. Only <see cref="Divide"/> creates other
    /// partitions. If the partition does not exist, the request has no effect and no node gets a lease.</returns>
    ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>
    /// Renews all leases of a node together, as <see cref="Acquire"/> renews a single lease. For each lease, the method
    /// also repeats the last report of the node and sets <see cref="ConsumerRecord.ReportedAt"/>. The method skips rows
    /// that another transaction has locked, and the node renews these leases separately.
    /// </summary>
    /// <returns>False, without any change, if the storage can only renew leases separately. The default implementation
    /// returns false.</returns>
    ValueTask<bool> RenewAll(
        string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) => new(false);

    /// <summary>
    /// Stores the first checkpoint of a consumer that has no checkpoint, before any node acquires its lease. If the
    /// consumer does not exist, it is added. Each partition without a checkpoint gets the lowest checkpoint of the
    /// other partitions. If no partition has a checkpoint, all get <paramref name="checkpoint"/>. Existing checkpoints
    /// and leases do not change.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="checkpoint">The position after which the consumer starts.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, without any change, if the storage does not support this method. The default implementation
    /// returns false. A node then stores the first checkpoint after it has acquired the lease. If the node is killed
    /// before that, the consumer may start at a later position.</returns>
    ValueTask<bool> StoreFirstCheckpoint(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        new(false);

    /// <summary>Releases the lease if <paramref name="epoch"/> is still the current lease epoch.</summary>
    ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken);

    /// <summary>
    /// Stores a holder's report of its state. The method ignores the report if <paramref name="epoch"/> is no longer
    /// the current lease epoch.
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
    /// Pauses or resumes a consumer. Current holders see the change when they renew their leases, and later holders see
    /// it when they start.
    /// </summary>
    ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken);

    /// <summary>
    /// Sets a consumer's checkpoint and ends its lease, so that the consumer starts again after the checkpoint. The
    /// lease epoch increases, and commits with the old epoch are refused. A consumer that has never started also gets
    /// the checkpoint, and then counts as started. Open dead letters after the checkpoint change as
    /// <see cref="DeadLetter.AfterReset"/> defines, because the consumer handles their events again.
    /// </summary>
    /// <remarks>
    /// The reset has no effect if a collection with the consumer's name exists and an open dead letter after the
    /// checkpoint has no key. The document of its event is unknown and may already reflect later events. Only the
    /// dead letter shows that the event is missing. The transaction of the reset checks this.
    /// </remarks>
    /// <returns>The number of a dead letter that prevents the reset; null if the consumer was reset.</returns>
    ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// Divides a consumer into partitions, numbered from 0, so that several nodes can run it. Each key has a number.
    /// The partition of a key is the remainder of this number divided by the number of partitions. All leases end, and
    /// each new lease epoch is greater than all earlier lease epochs of the consumer. So the storage refuses writes of
    /// a node with an old partition.
    /// </summary>
    /// <remarks>
    /// If <paramref name="partitions"/> is a multiple of the current number <c>n</c>, each new partition <c>q</c> is a
    /// part of the old partition <c>q % n</c>. The new partition then starts with the checkpoint of the old partition.
    /// Otherwise all checkpoints must be equal.
    /// </remarks>
    /// <returns>True if the consumer now has this number of partitions, even if it already had this number. False,
    /// without any change, if checkpoints that must be equal differ, or if a dead letter of the consumer is
    /// open.</returns>
    ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken);

    /// <summary>Lists all partitions of all consumers, ordered by name.</summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken);

    /// <summary>
    /// Returns the state of all partitions of a consumer at the same moment, in order; empty if the consumer does not
    /// exist.
    /// </summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken);

    /// <summary>
    /// Announces a node and the consumers that it can run. The method also removes nodes whose announcement has
    /// expired.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="consumers">The names of the consumers that the node can run.</param>
    /// <param name="duration">The duration of the announcement from now.</param>
    /// <param name="now">The current time of the node. A database with its own clock ignores this value.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Removes a node. The node releases its leases separately.</summary>
    ValueTask RemoveNode(string node, CancellationToken cancellationToken);

    /// <summary>Returns the announced nodes and all partitions of all consumers at the same moment.</summary>
    /// <param name="now">The current time of the caller. A database with its own clock ignores this value.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken);
}
