using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The consumers of a store on all its nodes: how they stand, and what operators do with them. Safe to use from several
/// threads.
/// </summary>
public sealed class Consumers
{
    private readonly ConsumerHost _host;
    private readonly ProgressWaiter _waiter;

    internal Consumers(ConsumerHost host) => (_host, _waiter) = (host, new ProgressWaiter(host));

    private ILeaseStorage Leases => _host.Store.Storage.Leases;

    /// <summary>The consumers that other nodes run on a store, for tools that run none themselves.</summary>
    public static Consumers Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Consumers(ConsumerHost.Idle(store));
    }

    /// <summary>All consumers that have ever run on the store or are registered on this node, by name.</summary>
    public async ValueTask<IReadOnlyList<ConsumerStatus>> List(CancellationToken cancellationToken = default)
    {
        var head = await _host.Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        // Before the records are read: who is told that all is handled is then told of every letter that was made of
        // it.
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

    /// <summary>One consumer.</summary>
    /// <exception cref="ConsumerNotFoundException">None has the name.</exception>
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
    /// Has a consumer finish its batch and take no more, on whatever node it runs, until it is resumed; restarts do not
    /// change that.
    /// </summary>
    /// <remarks>
    /// A consumer on this node has been told when this returns; on others it takes as long as
    /// <see cref="ConsumerOptions.LookEvery"/>
    /// there.
    /// </remarks>
    /// <exception cref="ConsumerNotFoundException">None has the name.</exception>
    public ValueTask Pause(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: true, cancellationToken);

    /// <summary>Has a paused consumer go on. A stalled one tries again at once.</summary>
    /// <exception cref="ConsumerNotFoundException">None has the name.</exception>
    public ValueTask Resume(string name, CancellationToken cancellationToken = default) =>
        SetPaused(name, isPaused: false, cancellationToken);

    /// <summary>Sets a consumer's checkpoint: it goes on with the event behind it, so that it sees events again, or
    /// never.</summary>
    /// <remarks>
    /// Read models are not reset but rebuilt: an event that a document reflects already is not applied to it again.
    /// What was decided about dead letters stays decided; those still open go, because their events come again.
    /// </remarks>
    /// <param name="name">The consumer.</param>
    /// <param name="checkpoint">
    /// The position after which it goes on; 0 for the beginning, also for one that would have begun at the end.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ConsumerNotFoundException">None has the name.</exception>
    /// <exception cref="ConsumerResetRefusedException">It is a read model, and an event would be lost that has not
    /// found its document yet.</exception>
    public async ValueTask Reset(string name, long checkpoint = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checkpoint);
        await Get(name, cancellationToken).ConfigureAwait(false);
        if (await Leases.Reset(name, checkpoint, cancellationToken).ConfigureAwait(false) is { } letter)
            throw new ConsumerResetRefusedException(name, letter);
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits until a consumer's effects reach a token. False when that took longer than allowed, or the token is of
    /// another log epoch.
    /// </summary>
    /// <param name="name">The consumer.</param>
    /// <param name="token">What a command, an append or <see cref="EventStore.GetToken"/> gave.</param>
    /// <param name="wait">How long to wait; <see cref="ConsumerOptions.ReadTimeout"/> by default.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<bool> WaitFor(
        string name, ConsistencyToken token, TimeSpan? wait = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!token.IsNone && token.LogEpoch != _host.Store.Tail.Head.Epoch)
            return false;
        var standing = await _waiter
            .WaitForEffects(name, token.Position, wait ?? _host.Options.ReadTimeout, isInVain: null, cancellationToken)
            .ConfigureAwait(false);
        return standing.Position >= token.Position;
    }

    private async ValueTask SetPaused(string name, bool isPaused, CancellationToken cancellationToken)
    {
        await Get(name, cancellationToken).ConfigureAwait(false);
        await Leases.SetPaused(name, isPaused, cancellationToken).ConfigureAwait(false);
        await RefreshLeases(cancellationToken).ConfigureAwait(false);
        foreach (var partition in isPaused ? [] : _host.FindAll(name))
            partition.Wake();
    }

    /// <summary>Has this node look at its leases now, when somebody has changed them in the store.</summary>
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
        var own = _host.FindAll(record.Consumer)
            .FirstOrDefault(one => one.Share.Count == record.Partitions && one.Share.Partition == record.Partition);
        var here = own is not null && reached.ContainsKey(own) ? own : null;
        var checkpoint = here is null ? record.Checkpoint ?? 0 : reached[here];
        ConsumerProblem? problem = null;
        var stand = here is null
            ? SnapshotOf(record, table, head)
            : _host.LeaseCoordinator.SnapshotOf(here, out problem);
        var isHeld = table.IsHeld(record);
        return new ConsumerStatus
        {
            Name = record.Consumer,
            State = stand.State,
            StateSince = stand.Since,
            Checkpoint = checkpoint,
            LagEvents = Math.Max(0, head.Position - checkpoint),
            LagTime = await LagTimeOf(checkpoint, head, cancellationToken).ConfigureAwait(false),
            Node = isHeld ? record.Holder : null,
            NodeSince = isHeld ? record.HeldSince : null,
            IsHere = here is not null,
            IsPaused = record.IsPaused,
            OpenDeadLetters = record.OpenDeadLetters,
            Error = stand.Error,
            Problem = problem,
        };
    }

    /// <summary>
    /// What its node said last; or that none runs it although one could, for longer than a node may stand still.
    /// </summary>
    private ConsumerSnapshot SnapshotOf(ConsumerRecord record, LeaseTable table, LogHead head)
    {
        var isForsaken = !record.IsPaused && !table.IsHeld(record)
            && record.LeaseUntil > DateTimeOffset.UnixEpoch && table.Now - record.LeaseUntil > _host.Options.StallAfter
            && table.Nodes.Any(node => node.Consumers.Contains(record.Consumer));
        return isForsaken
            ? new ConsumerSnapshot(
                ConsumerState.Stalled, "No node runs it, although one could.", record.LeaseUntil, IsSilent: true)
            : new ConsumerSnapshot(StateOf(record, head), record.Error, record.StateSince, IsSilent: false);
    }

    /// <summary>By the last word of its node, which comes some time after the checkpoint that tells where it
    /// is.</summary>
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
