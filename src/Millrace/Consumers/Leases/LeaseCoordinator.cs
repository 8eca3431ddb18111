using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Shows the other nodes that this one is there, takes its share of the leases, renews them and leaves to others what
/// is theirs; tells the consumers of pauses and resets made anywhere, and reports how they fare. One loop per node.
/// </summary>
internal sealed class LeaseCoordinator(
    EventStore store, Func<IReadOnlyList<Consumer>> consumers, string node, ConsumerOptions options, ILogger logger)
    : IDisposable
{
    private const int ChecksToSettle = 2;

    /// <summary>So many leases that are due are renewed by one statement, and the table is read once more.</summary>
    private const int RenewedTogetherFrom = 8;

    /// <summary>How often a consumer says the same again, so that others see that somebody is there to say
    /// it.</summary>
    private static readonly TimeSpan ReportAgainAfter = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time = store.Time;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<Consumer, (ConsumerSnapshot Snapshot, long At)> _reported = [];
    private readonly PartitionConfigurator _partitionConfigurator = new(store, options, logger);
    // Together, by this look; when it was asked for.
    private readonly Dictionary<(string Consumer, int Partition), long> _renewed = [];
    private readonly HashSet<Consumer> _blocked = []; // Their rows were held by somebody, at the last look.
    private readonly LeaseBalancer _balancer = new(node, options.LookEvery * ChecksToSettle);
    private IReadOnlyList<string> _shownConsumers = [];
    private long? _shownAt;
    private volatile bool _isStopping;

    public async Task Run(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Inspect(cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The top of the keeper's loop: while the storage fails, leases run out and are tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(logger, exception);
                DropExpired();
            }
            await Wait(cancellationToken).ConfigureAwait(false);
        }
    }

    private ILeaseStorage Leases => store.Storage.Leases;

    /// <summary>Told of consumers that are divided otherwise in the store than they are worked on here, and into how
    /// many.</summary>
    public Action<string, int> PartitionsChanged { private get; init; } = static (_, _) => { };

    /// <summary>Looks soon.</summary>
    public void InspectSoon()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Looks now and returns when every consumer has been told what changed.</summary>
    public async ValueTask Inspect(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var all = consumers();
            var names = all.Select(consumer => consumer.Name).Distinct(StringComparer.Ordinal).ToList();
            await Show(names, cancellationToken).ConfigureAwait(false);
            var table = await Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            if (!_isStopping && await _partitionConfigurator.Apply(all, table, cancellationToken).ConfigureAwait(false))
                table = await Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            table = await RenewTogether(table, cancellationToken).ConfigureAwait(false);
            if (!table.Nodes.Any(shown => shown.Name == node))
                _shownAt = null; // It was silent for too long, and the others have done without it.
            _balancer.Note(table, names);
            var records = new Dictionary<(string, int), ConsumerRecord>();
            foreach (var record in table.Consumers)
                records[(record.Consumer, record.Partition)] = record;
            // Those that were held up at the last look come last: nobody else's lease runs out meanwhile.
            foreach (var consumer in all.OrderBy(_blocked.Contains).ToList())
            {
                var partitions = records.GetValueOrDefault((consumer.Name, 0))?.Partitions ?? 1;
                var own = records.GetValueOrDefault((consumer.Name, consumer.Share.Partition));
                if (partitions != consumer.Share.Count)
                    ReportRepartitioned(consumer, partitions);
                else
                    await ReconcileOne(consumer, own, table, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes no lease any more.</summary>
    public void StopAcquiring() => _isStopping = true;

    /// <summary>Gives the leases back, so that other nodes take over at once.</summary>
    public async Task Release(CancellationToken cancellationToken)
    {
        foreach (var consumer in consumers())
            await GiveBack(consumer, cancellationToken).ConfigureAwait(false);
        if (_shownConsumers.Count == 0)
            return;
        try
        {
            await Leases.RemoveNode(node, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException)
        {
            ConsumerLog.CannotLook(logger, exception);
        }
    }

    /// <summary>Gives the lease of a consumer back that this node does not run any more.</summary>
    public Task Release(Consumer consumer, CancellationToken cancellationToken) =>
        Release(consumer, null, cancellationToken);

    /// <summary>Gives a lease back because it is others' turn. One that was lost meanwhile, and a later one, stay as
    /// they are.</summary>
    public Task ReleaseLease(Consumer consumer, ConsumerLease lease, CancellationToken cancellationToken) =>
        Release(consumer, lease, cancellationToken);

    private async Task Release(Consumer consumer, ConsumerLease? lease, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (lease is not null && consumer.Lease != lease)
                return;
            await GiveBack(consumer, cancellationToken).ConfigureAwait(false);
            _reported.Remove(consumer);
            _blocked.Remove(consumer);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _wake.Dispose();
        _gate.Dispose();
    }

    private async ValueTask GiveBack(Consumer consumer, CancellationToken cancellationToken)
    {
        if (consumer.Lease is not { } lease)
            return;
        try
        {
            await Leases
                .Release(consumer.Name, consumer.Share.Partition, lease.Epoch, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException)
        {
            ConsumerLog.CannotRelease(logger, consumer.Name, exception);
        }
        consumer.Lose(lease);
    }

    /// <summary>Tells the others that this node is there, when a third of the time has passed for which it last did, or
    /// it can run others.</summary>
    private async ValueTask Show(List<string> names, CancellationToken cancellationToken)
    {
        var isDue = _shownAt is not { } at || _time.GetElapsedTime(at) >= options.LeaseDuration / 3;
        if (_isStopping
            || (!isDue && names.SequenceEqual(_shownConsumers))
            || (names.Count == 0 && _shownConsumers.Count == 0))
            return;
        var now = _time.GetTimestamp();
        await Leases
            .AnnounceNode(node, names, options.LeaseDuration, _time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        (_shownAt, _shownConsumers) = (now, names);
    }

    private async ValueTask ReconcileOne(
        Consumer consumer, ConsumerRecord? record, LeaseTable table, CancellationToken cancellationToken)
    {
        _blocked.Remove(consumer);
        try
        {
            await Reconcile(consumer, record, table, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException held) when (held.Problem == StorageProblem.Busy)
        {
            // Mostly a long commit of its own work; the next look tries again.
            _blocked.Add(consumer);
            ConsumerLog.CannotTend(logger, consumer.Name, held);
        }
    }

    private async ValueTask Reconcile(
        Consumer consumer, ConsumerRecord? record, LeaseTable table, CancellationToken cancellationToken)
    {
        if (consumer.Lease is { } lease)
        {
            if (record is not null && record.LeaseEpoch == lease.Epoch && record.Holder == node)
            {
                await Keep(consumer, lease, record, table.Now, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (record?.Holder is { } successor && successor != node)
                ConsumerLog.TakenOver(logger, consumer.Name, consumer.Share.Partition, successor, node);
            consumer.Lose(lease);
        }
        var isOwn = record?.Holder == node;
        if (_isStopping || (record is not null && table.IsHeld(record) && !isOwn))
            return;
        if (_balancer.Takes(consumer.Name, consumer.Share.Partition))
        {
            // Before the lease: a node that dies under it leaves the place where the next one begins.
            if (record?.Checkpoint is null && consumer.FirstCheckpoint is { } first)
                await Leases.StoreFirstCheckpoint(consumer.Name, first, cancellationToken).ConfigureAwait(false);
            await Acquire(consumer, cancellationToken).ConfigureAwait(false);
        }
        else if (isOwn && record is not null)
            await Leases
                .Release(record.Consumer, record.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>It was divided since it was begun here: what is in hand is refused by the store, and nothing new is
    /// begun.</summary>
    private void ReportRepartitioned(Consumer consumer, int partitions)
    {
        if (consumer.Lease is { } lease)
            consumer.Lose(lease);
        PartitionsChanged(consumer.Name, partitions);
    }

    private bool IsDue(ConsumerRecord record, DateTimeOffset now) =>
        record.LeaseUntil - now < options.LeaseDuration * 2 / 3;

    /// <summary>
    /// Renews the leases of this node by one statement when many are due. Those that are as they were afterwards are
    /// renewed one by one.
    /// </summary>
    private async ValueTask<LeaseTable> RenewTogether(LeaseTable table, CancellationToken cancellationToken)
    {
        _renewed.Clear();
        var due = 0;
        foreach (var record in table.Consumers)
            due += record.Holder == node && IsDue(record, table.Now) ? 1 : 0;
        var asked = _time.GetTimestamp();
        if (_isStopping
            || due < RenewedTogetherFrom
            || !await Leases
                .RenewAll(node, options.LeaseDuration, _time.GetUtcNow(), cancellationToken)
                .ConfigureAwait(false))
        {
            return table;
        }
        var before = table.Consumers.ToDictionary(record => (record.Consumer, record.Partition));
        var after = await Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        foreach (var record in after.Consumers)
        {
            var key = (record.Consumer, record.Partition);
            if (record.Holder == node && before.TryGetValue(key, out var one) && one.Holder == node
                && one.LeaseEpoch == record.LeaseEpoch && record.LeaseUntil > one.LeaseUntil)
            {
                _renewed[key] = asked;
            }
        }
        return after;
    }

    private async ValueTask Acquire(Consumer consumer, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        var record = await AskFor(consumer, cancellationToken).ConfigureAwait(false);
        if (record.Holder != node)
            return;
        if (record.Partitions != consumer.Share.Count)
        {
            // Divided since the look: the lease is on other keys than are worked on here.
            await Leases
                .Release(record.Consumer, record.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
            InspectSoon();
            return;
        }
        _reported.Remove(consumer);
        consumer.Grant(new ConsumerLease(record) { RenewedAt = asked }, record.IsPaused);
    }

    private ValueTask<ConsumerRecord> AskFor(Consumer consumer, CancellationToken cancellationToken) =>
        Leases.Acquire(
            consumer.Name, consumer.Share.Partition, node, options.LeaseDuration, _time.GetUtcNow(), cancellationToken);

    private async ValueTask Keep(
        Consumer consumer,
        ConsumerLease lease,
        ConsumerRecord record,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        consumer.SetPaused(record.IsPaused);
        consumer.Notice(record.ReleasedDeadLetters);
        if (_renewed.TryGetValue((record.Consumer, record.Partition), out var renewedAt))
        {
            lease.RenewedAt = renewedAt;
        }
        else if (IsDue(record, now))
        {
            var asked = _time.GetTimestamp();
            var renewed = await AskFor(consumer, cancellationToken).ConfigureAwait(false);
            if (renewed.LeaseEpoch != lease.Epoch || renewed.Holder != node)
                consumer.Lose(lease);
            if (renewed.LeaseUntil <= record.LeaseUntil)
            {
                // Somebody holds its row: what else there is to write waits for the next look as well.
                _blocked.Add(consumer);
                return;
            }
            lease.RenewedAt = asked;
        }
        if (consumer.Progress.Position >= store.Tail.Head.Position)
            consumer.Progress.Start();
        await Report(consumer, lease, cancellationToken).ConfigureAwait(false);
        if (!_isStopping && _balancer.SuccessorOf(consumer.Name, consumer.Share.Partition) is { } other)
            await Yield(consumer, lease, other, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Has a consumer finish its batch, so that another node takes its turn: it gives its lease back itself. One that
    /// does not come to an end in time is ended.
    /// </summary>
    private async ValueTask Yield(
        Consumer consumer, ConsumerLease lease, string other, CancellationToken cancellationToken)
    {
        if (lease.YieldsSince is not { } since)
        {
            ConsumerLog.Yields(logger, consumer.Name, consumer.Share.Partition, other);
            lease.Yield(_time.GetTimestamp());
        }
        else if (_time.GetElapsedTime(since) > options.StopTimeout)
        {
            ConsumerLog.Abandoned(logger, consumer.Name, options.StopTimeout.TotalMilliseconds);
            await GiveBack(consumer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask Report(Consumer consumer, ConsumerLease lease, CancellationToken cancellationToken)
    {
        var stand = SnapshotOf(consumer);
        var isKnown = _reported.TryGetValue(consumer, out var before) && before.Snapshot == stand;
        if (isKnown && _renewed.TryGetValue((consumer.Name, consumer.Share.Partition), out var renewedAt))
            _reported[consumer] = (stand, renewedAt); // The renewal has said so again.
        if (isKnown && _time.GetElapsedTime(_reported[consumer].At) < ReportAgainAfter)
            return;
        var (partition, now) = (consumer.Share.Partition, _time.GetUtcNow());
        await Leases
            .Report(consumer.Name, partition, lease.Epoch, stand.State.ToString(), stand.Error, now, cancellationToken)
            .ConfigureAwait(false);
        if (!isKnown && stand is { IsSilent: true, Since: { } since })
            ConsumerLog.StandsStill(logger, consumer.Label, node, consumer.Progress.Position, since);
        else if (before.Snapshot.IsSilent && !stand.IsSilent)
            ConsumerLog.GoesOn(logger, consumer.Label, consumer.Progress.Position);
        _reported[consumer] = (stand, _time.GetTimestamp());
    }

    /// <summary>What a consumer says of itself, or that it stands still without saying anything.</summary>
    public ConsumerSnapshot SnapshotOf(Consumer consumer) => SnapshotOf(consumer, out _);

    /// <inheritdoc cref="SnapshotOf(Consumer)"/>
    /// <param name="consumer">The consumer.</param>
    /// <param name="problem">What keeps it from getting on, where it says so.</param>
    public ConsumerSnapshot SnapshotOf(Consumer consumer, out ConsumerProblem? problem)
    {
        (var state, var stateSince, problem) = consumer.Progress.Own;
        var standstill = consumer.Progress.StalledTime;
        var isSilent =
            state is ConsumerState.CatchingUp or ConsumerState.Live
            && problem is null
            && standstill >= options.StallAfter
            && consumer.Progress.Position < store.Tail.Head.Position;
        if (!isSilent)
            return new ConsumerSnapshot(state, problem?.ToString(), stateSince, IsSilent: false);
        var since = consumer.Progress.StalledSince;
        var error = string.Create(
            CultureInfo.InvariantCulture,
            $"No progress beyond position {consumer.Progress.Position} since {since:yyyy-MM-ddTHH:mm:ssZ}, while the "
                + $"log goes on."
        );
        return new ConsumerSnapshot(ConsumerState.Stalled, error, since, IsSilent: true);
    }

    private void DropExpired()
    {
        foreach (var consumer in consumers())
        {
            if (consumer.Lease is { } lease && _time.GetElapsedTime(lease.RenewedAt) >= options.LeaseDuration)
                consumer.Lose(lease);
        }
    }

    private async Task Wait(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.LookEvery, _time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await _wake.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
