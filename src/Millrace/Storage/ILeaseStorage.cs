namespace Millrace.Storage;

/// <summary>The consumers of a storage: who works, where each stands, and what operators asked for.</summary>
/// <remarks>
/// Leases and nodes go by one clock: that of the database where it has one, and that of whoever asks where it has none.
/// So a node whose own clock is wrong neither takes what another holds nor keeps what it has lost.
/// </remarks>
public interface ILeaseStorage
{
    /// <summary>Takes or renews the lease on a consumer's partition.</summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="partition">Its partition, from 0.</param>
    /// <param name="holder">The node that asks.</param>
    /// <param name="duration">How long the lease is to hold from now.</param>
    /// <param name="now">The node's clock; a database that has one of its own goes by that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The partition as it stands now. The lease is the asker's if <see cref="ConsumerRecord.Holder"/> is it;
    /// a new holder has a new <see cref="ConsumerRecord.LeaseEpoch"/>, and the same holder keeps its own. Partition 0
    /// is there as soon as somebody asks for it, the others by <see cref="Divide"/> alone: one that there is not is
    /// given to nobody, and nothing of it is stored.</returns>
    ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>
    /// Renews all leases of a node together, each as <see cref="Acquire"/> renews one, and notes that the node says
    /// again what it last said of each (<see cref="ConsumerRecord.ReportedAt"/>). Rows that somebody holds are left as
    /// they are: they are renewed one by one.
    /// </summary>
    /// <returns>False, and nothing is done, where the storage has no better way than one by one: so it is where a
    /// storage of your own does not have this.</returns>
    ValueTask<bool> RenewAll(
        string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) => new(false);

    /// <summary>
    /// Stores the first checkpoint of a consumer that has none, before any node takes its lease. The consumer is added
    /// where it is missing. Each partition without a checkpoint gets the lowest checkpoint of the others, or
    /// <paramref name="checkpoint"/> where none has one. A checkpoint that is stored already stays as it is, and so
    /// does every lease.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="checkpoint">The position after which the consumer begins.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>False, and nothing is stored, where the storage does not support it. The default implementation returns
    /// false. The first checkpoint is then stored under the lease, and a node that is killed in between makes the
    /// consumer begin later.</returns>
    ValueTask<bool> StoreFirstCheckpoint(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        new(false);

    /// <summary>Gives the lease back, if <paramref name="epoch"/> is still the one that holds.</summary>
    ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken);

    /// <summary>Notes what a holder says of itself; ignored if <paramref name="epoch"/> no longer holds.</summary>
    ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Pauses or resumes a consumer: its holders see it when they renew, and so does who begins
    /// later.</summary>
    ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken);

    /// <summary>
    /// Sets a consumer's checkpoint and takes its lease away, so that whoever works on it begins again from there: the
    /// lease epoch moves on, and a commit under the old one is refused. A consumer that has never begun has then begun:
    /// the checkpoint is stored. Its open dead letters beyond the checkpoint become what
    /// <see cref="DeadLetter.AfterReset"/> says, because their events are handled again.
    /// </summary>
    /// <remarks>
    /// Nothing is done where there is a collection of the consumer's name, and an open letter without a key beyond the
    /// checkpoint: the document of its event is not known and may have moved past it, so that only the letter tells
    /// that it lacks the event. That is looked at in the transaction of the reset.
    /// </remarks>
    /// <returns>The number of such a letter; null when it was reset.</returns>
    ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken);

    /// <summary>
    /// Divides a consumer into partitions, numbered from 0, so that several nodes work on it: a key that was in
    /// partition <c>p</c> of <c>n</c> is then in partition <c>q</c> of <paramref name="partitions"/>, where both follow
    /// from the same number of the key by division. All of its leases are taken away and every lease epoch becomes
    /// greater than any that one of its partitions ever had, so that whoever works on it as it was divided before
    /// writes nothing more.
    /// </summary>
    /// <remarks>
    /// Where each new partition is a part of an old one, because <paramref name="partitions"/> is a multiple of how
    /// many there were, it begins at the checkpoint of that one: partition <c>q</c> at that of <c>q % n</c>. Otherwise
    /// all must stand at the same.
    /// </remarks>
    /// <returns>True when it is divided so, also when it was. False, and nothing is done, when its partitions stand at
    /// different checkpoints and are to be put together in another way, or while a dead letter of it is open.</returns>
    ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken);

    /// <summary>All partitions of all consumers, in order of their names.</summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken);

    /// <summary>The partitions of one consumer, in order, at one moment; none where there is no such
    /// consumer.</summary>
    ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken);

    /// <summary>Says that a node is there and which consumers it can run; nodes whose time has run out are
    /// forgotten.</summary>
    /// <param name="node">The node.</param>
    /// <param name="consumers">The names of the consumers that it can run.</param>
    /// <param name="duration">How long it counts as there from now.</param>
    /// <param name="now">The node's clock; a database that has one of its own goes by that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask ShowNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken);

    /// <summary>Says that a node is not there any more. Its leases are given back one by one.</summary>
    ValueTask RemoveNode(string node, CancellationToken cancellationToken);

    /// <summary>The nodes that are there and all partitions of all consumers, at one moment.</summary>
    /// <param name="now">The caller's clock; a database that has one of its own goes by that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken);
}
