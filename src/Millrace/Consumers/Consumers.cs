using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The consumers of a store on all its nodes: their status, and the operations for operators. Thread-safe.
/// </summary>
public sealed class Consumers
{
    private readonly ConsumerHost _host;
    private readonly ProgressWaiter _waiter;

    internal Consumers(ConsumerHost host) => (_host, _waiter) = (host, new ProgressWaiter(host));

    private ILeaseStorage Leases => _host.Store.Storage.Leases;

    /// <summary>Returns the consumers that other nodes run on a store, for tools that run none themselves.</summary>
    public static Consumers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Consumers(ConsumerHost.Idle(store));
    }

    /// <summary>
    /// Returns all consumers that have ever run on the store or are registered on this node, by name.
    /// </summary>
    public async ValueTask<IReadOnlyList<ConsumerStatus>> List(CancellationToken cancellationToken = default)
    {
        var head = await _host.Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        // The positions are read before the records. A caller that sees that all events are handled then also sees
        // every dead letter of them.
        var reached = new Dictionary<Consumer, long>();
        foreach (var consumer in _host.All)
        {
            if (consumer.Lease is not null)
                reached[consumer] = consumer.Progress.Position;
        }
        var statuses = new SortedDictionary<string, List<ConsumerStatus>>(StringComparer.Ordinal);
        var table = await Leases.Inspect(_host.Store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        foreach (var record in table.Consumers)
            await Add(record).ConfigureAwait(false);
        foreach (var consumer in _host.All)
        {
            if (!statuses.ContainsKey(consumer.Name))
                await Add(new ConsumerRecord { Consumer = consumer.Name, Partition = 0 }).ConfigureAwait(false);
        }
        return [.. statuses.Values.Select(PartitionStatus.Combine)];

        async ValueTask Add(ConsumerRecord record)
        {
            if (!statuses.TryGetValue(record.Consumer, out var partitions))
                statuses.Add(record.Consumer, partitions = []);
            partitions.Add(await StatusOf(record, table, head, reached, cancellationToken).ConfigureAwait(false));
        }
    }

    /// <summary>Returns one consumer.</summary>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public async ValueTask<ConsumerStatus> Get(string name, CancellationToken cancellationToken = default)
    {
        foreach (var status in await List(cancellationToken).ConfigureAwait(false))
        {
            if (status.Name == name)
                return status;
        }
        throw new ConsumerNotFoundException(name);
    }

    /// <summary>
    /// Pauses a consumer: it finishes its batch and takes no further one, on whichever node it runs, until it is
    /// resumed. The pause survives restarts.
    /// </summary>
    /// <remarks>
    /// A consumer on this node is notified when the method returns. On other nodes it takes up to their <see
    /// cref="ConsumerOptions.LookEvery"/>.
    /// </remarks>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public ValueTask Pause(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: true, cancellationToken);

    /// <summary>Resumes a paused consumer. A stalled one retries at once.</summary>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    public ValueTask Resume(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: false, cancellationToken);

    /// <summary>
    /// Sets the checkpoint of a consumer. It continues with the event after it, so that it handles events again or
    /// skips them.
    /// </summary>
    /// <remarks>
    /// Rebuild a read model instead of resetting it: an event that a document already contains is not applied to it
    /// again. Final decisions about dead letters remain valid. Open dead letters are removed, because their events are
    /// handled again.
    /// </remarks>
    /// <param name="name">The name of the consumer.</param>
    /// <param name="checkpoint">The position after which it continues; 0 for the start of the log, also for a consumer
    /// that was defined to start at the end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ConsumerNotFoundException">No consumer has the name.</exception>
    /// <exception cref="ConsumerResetRefusedException">The consumer is a read model, and the reset would lose the
    /// event of a dead letter, because it is not yet known which document the event changes.</exception>
    public async ValueTask Reset(string name, long checkpoint = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checkpoint);
        await Get(name, cancellationToken).ConfigureAwait(false);
        if (await Leases.Reset(name, checkpoint, cancellationToken).ConfigureAwait(false) is { } letter)
            throw new ConsumerResetRefusedException(name, letter);
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until the effects of a consumer include a token's position. Returns false when the wait timed out, or the
    /// token is of another log epoch.
    /// </summary>
    /// <param name="name">The name of the consumer.</param>
    /// <param name="token">The token that a command, an append or <see cref="EventStore.GetToken"/> returned.</param>
    /// <param name="wait">The maximum wait; <see cref="ConsumerOptions.ReadTimeout"/> by default.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async ValueTask<bool> WaitFor(
        string name, ConsistencyToken token, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!token.IsNone && token.LogEpoch != _host.Store.Tail.Head.Epoch)
            return false;
        var reachedPosition = await _waiter
            .WaitForEffects(
                name, token.Position, wait ?? _host.Options.ReadTimeout, isPointless: null, cancellationToken)
            .ConfigureAwait(false);
        return reachedPosition.Position >= token.Position;
    }

    private async ValueTask SetPaused(string name, bool isPaused, CancellationToken cancellationToken)
    {
        await Get(name, cancellationToken).ConfigureAwait(false);
        await Leases.SetPaused(name, isPaused, cancellationToken).ConfigureAwait(false);
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
        foreach (var partition in isPaused ? [] : _host.FindAll(name))
            partition.Wake();
    }

    /// <summary>Makes this node read its leases now, after they were changed in the store.</summary>
    internal async ValueTask RefreshLeases(CancellationToken cancellationToken)
    {
        if (_host.IsRunning)
            await _host.LeaseCoordinator.Inspect(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ConsumerStatus> StatusOf(
        ConsumerRecord record,
        LeaseTable table,
        LogHead head,
        Dictionary<Consumer, long> reached,
        CancellationToken cancellationToken)
    {
        var local = _host.FindAll(record.Consumer)
            .FirstOrDefault(consumer =>
                consumer.Share.Count == record.Partitions && consumer.Share.Partition == record.Partition);
        var here = local is not null && reached.ContainsKey(local) ? local : null;
        var checkpoint = here is null ? record.Checkpoint ?? 0 : reached[here];
        ConsumerProblem? problem = null;
        var snapshot = here is null
            ? SnapshotOf(record, table, head)
            : _host.LeaseCoordinator.SnapshotOf(here, out problem);
        var isHeld = table.IsHeld(record);
        return new ConsumerStatus
        {
            Name = record.Consumer,
            State = snapshot.State,
            StateSince = snapshot.Since,
            Checkpoint = checkpoint,
            LagEvents = Math.Max(0, head.Position - checkpoint),
            LagTime = await LagTimeOf(checkpoint, head, cancellationToken).ConfigureAwait(false),
            Node = isHeld ? record.Holder : null,
            NodeSince = isHeld ? record.HeldSince : null,
            IsHere = here is not null,
            IsPaused = record.IsPaused,
            OpenDeadLetters = record.OpenDeadLetters,
            Error = snapshot.Error,
            Problem = problem,
        };
    }

    /// <summary>
    /// Returns the state that the node last reported, or reports that no node runs the consumer although one could, for
    /// longer than <see cref="ConsumerOptions.StallAfter"/>.
    /// </summary>
    private ConsumerSnapshot SnapshotOf(ConsumerRecord record, LeaseTable table, LogHead head)
    {
        var isOrphaned = !record.IsPaused && !table.IsHeld(record)
            && record.LeaseUntil > DateTimeOffset.UnixEpoch && table.Now - record.LeaseUntil > _host.Options.StallAfter
            && table.Nodes.Any(node => node.Consumers.Contains(record.Consumer));
        return isOrphaned
            ? new ConsumerSnapshot(
                ConsumerState.Stalled, "No node runs it, although one could.", record.LeaseUntil, IsSilent: true)
            : new ConsumerSnapshot(StateOf(record, head), record.Error, record.StateSince, IsSilent: false);
    }

    /// <summary>Returns the state that the node last reported. It is reported some time after the checkpoint.</summary>
    private static ConsumerState StateOf(ConsumerRecord record, LogHead head)
    {
        if (record.IsPaused)
            return ConsumerState.Paused;
        var isKnown = Enum.TryParse<ConsumerState>(record.State, out var state) && state != ConsumerState.Paused;
        if (isKnown && state != ConsumerState.CatchingUp)
            return state;
        return isKnown && record.Error is null && record.Checkpoint >= head.Position
            ? ConsumerState.Live
            : ConsumerState.CatchingUp;
    }

    private async ValueTask<TimeSpan> LagTimeOf(long checkpoint, LogHead head, CancellationToken cancellationToken)
    {
        if (checkpoint >= head.Position)
            return TimeSpan.Zero;
        var next = new LogPageQuery(EventFilter.All, checkpoint + 1, IsBackwards: false, 1);
        var page = await _host.Store.Reader.ReadPage(next, cancellationToken).ConfigureAwait(false);
        var lag = page.Events.Count == 0 ? TimeSpan.Zero : _host.Store.Time.GetUtcNow() - page.Events[0].Timestamp;
        return lag > TimeSpan.Zero ? lag : TimeSpan.Zero;
    }
}
