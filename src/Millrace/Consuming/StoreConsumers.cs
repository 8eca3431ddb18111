using Millrace.Storage;

namespace Millrace.Consuming;

/// <summary>
/// Returns the status of the consumers of one store on all nodes, and provides the operations for operators.
/// </summary>
/// <param name="shard">The consumers of this node, with their shard.</param>
internal sealed class StoreConsumers(ShardHost shard)
{
    private readonly ConsumerHost _host = shard.Host;
    private readonly ProgressWaiter _waiter = new(shard.Host);

    private ILeaseStorage Leases => _host.Store.Storage.Leases;

    /// <summary>
    /// Returns all consumers that have ever run on the store or are registered on this node, by name.
    /// </summary>
    public async ValueTask<IReadOnlyList<ConsumerStatus>> List(CancellationToken cancellationToken = default)
    {
        var head = await _host.Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        // The snapshots are taken before the records are read. A caller that sees all events as handled therefore also
        // sees all of their dead letters.
        var localSnapshots = new Dictionary<Consumer, ConsumerSnapshot>();
        foreach (var consumer in _host.All)
        {
            if (consumer.TakeSnapshot() is { } snapshot)
                localSnapshots[consumer] = snapshot;
        }
        var table = await Leases.Inspect(_host.Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        var records = table.Consumers.ToLookup(record => record.Consumer, StringComparer.Ordinal);
        var names = new SortedSet<string>(_host.All.Select(consumer => consumer.Name), StringComparer.Ordinal);
        names.UnionWith(records.Select(consumer => consumer.Key));
        var statuses = new List<ConsumerStatus>(names.Count);
        foreach (var name in names)
        {
            var partitions = records[name].DefaultIfEmpty(new ConsumerRecord { Consumer = name, Partition = 0 })
                .Select(record => PartitionOf(record, table, head, localSnapshots))
                .ToList();
            var status = await StatusOf(name, partitions, head, cancellationToken).ConfigureAwait(false);
            statuses.Add(status with { HasNode = HasNode(name, partitions, table) });
        }
        return statuses;
    }

    /// <summary>Sets the checkpoint of a consumer that exists.</summary>
    public async ValueTask Reset(string name, long checkpoint, CancellationToken cancellationToken)
    {
        if (await Leases.Reset(name, checkpoint, cancellationToken).ConfigureAwait(false) is { } letter)
            throw new ConsumerResetRefusedException(
                name, DeadLetterId.InShard(letter, shard.Shard, shard.Index));
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the effects of a consumer include a token's position.</summary>
    public async ValueTask<bool> WaitFor(
        string name, ConsistencyToken token, TimeSpan? wait, CancellationToken cancellationToken)
    {
        if (!token.IsNone && token.LogEpoch != _host.Store.Tail.Head.Epoch)
            return false;
        var reachedPosition = await _waiter
            .WaitForEffects(
                name, token.Position, wait ?? _host.Options.ReadTimeout, isPointless: null, cancellationToken)
            .ConfigureAwait(false);
        return reachedPosition.Position >= token.Position;
    }

    /// <summary>Pauses or resumes a consumer that exists.</summary>
    public async ValueTask SetPaused(string name, bool isPaused, CancellationToken cancellationToken)
    {
        await Leases.SetPaused(name, isPaused, cancellationToken).ConfigureAwait(false);
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
        foreach (var partition in isPaused ? [] : _host.FindAll(name))
            partition.Wake();
    }

    /// <summary>
    /// Releases the leases of a consumer that exists, so that its run ends and starts again, on the same or another
    /// node.
    /// </summary>
    public async ValueTask Restart(string name, CancellationToken cancellationToken)
    {
        var table = await Leases.Inspect(_host.Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        foreach (var record in table.Consumers.Where(record => record.Consumer == name && table.IsHeld(record)))
        {
            await Leases
                .Release(name, record.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
        }
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes this node read its leases now, after they were changed in the store.</summary>
    public async ValueTask RefreshLeases(CancellationToken cancellationToken)
    {
        if (_host.IsRunning)
            await _host.LeaseCoordinator.Inspect(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ConsumerStatus> StatusOf(
        string name,
        List<(ConsumerRecord Record, PartitionStatus Status, ConsumerSnapshot Snapshot)> partitions,
        LogHead head,
        CancellationToken cancellationToken)
    {
        var snapshot = ConsumerSnapshot.Combine(partitions.Select(one => one.Snapshot));
        var node = partitions[0].Status.Node;
        var isOnOneNode = node is not null && partitions.TrueForAll(one => one.Status.Node == node);
        return new ConsumerStatus
        {
            Name = name,
            Shard = shard.Shard,
            State = snapshot.State,
            StateSince = snapshot.StateSince,
            Checkpoint = snapshot.Position,
            LagEvents = Math.Max(0, head.Position - snapshot.Position),
            LagTime = await LagTimeOf(snapshot.Position, head, cancellationToken).ConfigureAwait(false),
            Node = isOnOneNode ? node : null,
            NodeSince = isOnOneNode ? partitions.Max(one => one.Status.NodeSince) : null,
            IsHere = partitions.Exists(one => one.Status.IsHere),
            Load = partitions.Exists(one => one.Status.IsHere) ? LoadOf(name) : null,
            IsPaused = partitions.Exists(one => one.Record.IsPaused),
            OpenDeadLetters = snapshot.OpenDeadLetters,
            Error = snapshot.Error,
            Problem = snapshot.Problem,
            Partitions = partitions.Count == 1 ? [] : [.. partitions.Select(one => one.Status)],
        };
    }

    /// <summary>Returns whether a node that is alive runs a consumer, or could do so.</summary>
    private bool HasNode(
        string name,
        List<(ConsumerRecord Record, PartitionStatus Status, ConsumerSnapshot Snapshot)> partitions,
        LeaseTable table) =>
        (_host.IsRunning && _host.Find(name) is not null)
            || partitions.Exists(one => table.IsHeld(one.Record))
            || table.Nodes.Any(node => node.Consumers.Contains(name));

    private LoadStatus? LoadOf(string name) => _host
        .FindAll(name)
        .Where(static consumer => consumer.Lease is not null)
        .Select(static consumer => consumer.Processor.Load?.TakeStatus())
        .FirstOrDefault(static load => load is not null);

    private (ConsumerRecord Record, PartitionStatus Status, ConsumerSnapshot Snapshot) PartitionOf(
        ConsumerRecord record, LeaseTable table, LogHead head, Dictionary<Consumer, ConsumerSnapshot> localSnapshots)
    {
        var local = _host.FindAll(record.Consumer)
            .FirstOrDefault(consumer =>
                consumer.Share.Count == record.Partitions && consumer.Share.Partition == record.Partition);
        var isHere = local is not null && localSnapshots.ContainsKey(local);
        var snapshot = isHere
            ? localSnapshots[local!] with { OpenDeadLetters = record.OpenDeadLetters }
            : StoredSnapshot(record, table, head);
        var isHeld = table.IsHeld(record);
        var status = new PartitionStatus
        {
            Partition = record.Partition,
            State = snapshot.State,
            Checkpoint = snapshot.Position,
            Node = isHeld ? record.Holder : null,
            NodeSince = isHeld ? record.HeldSince : null,
            IsHere = isHere,
            OpenDeadLetters = snapshot.OpenDeadLetters,
            Error = snapshot.Error,
        };
        return (record, status, snapshot);
    }

    /// <summary>
    /// Returns what the node last reported. Returns a stalled state if, for longer than
    /// <see cref="ConsumerOptions.StallAfter"/>, no node has run the consumer although one could.
    /// </summary>
    private ConsumerSnapshot StoredSnapshot(ConsumerRecord record, LeaseTable table, LogHead head)
    {
        var snapshot = ConsumerSnapshot.Of(record, head.Position);
        var isOrphaned = !record.IsPaused && !table.IsHeld(record)
            && record.LeaseUntil > DateTimeOffset.UnixEpoch && table.Now - record.LeaseUntil > _host.Options.StallAfter
            && table.Nodes.Any(node => node.Consumers.Contains(record.Consumer));
        return !isOrphaned
            ? snapshot
            : snapshot with
            {
                State = ConsumerState.Stalled,
                StateSince = record.LeaseUntil,
                Error = "No node runs it, although one could.",
                SilentAt = snapshot.Position,
            };
    }

    private async ValueTask<TimeSpan> LagTimeOf(long checkpoint, LogHead head, CancellationToken cancellationToken)
    {
        if (checkpoint >= head.Position)
            return TimeSpan.Zero;
        var next = new LogPageQuery(EventFilter.All, checkpoint + 1, IsBackwards: false, 1);
        // Only the time is needed: the status is known even while the keys of encrypted values are not available.
        var page = await _host.Store.Stored.Storage.Log.ReadLog(next, cancellationToken).ConfigureAwait(false);
        var lag = page.Events.Count == 0 ? TimeSpan.Zero : _host.Store.Time.GetUtcNow() - page.Events[0].Timestamp;
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }
}
