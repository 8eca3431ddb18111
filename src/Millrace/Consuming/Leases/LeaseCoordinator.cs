using Microsoft.Extensions.Logging;
using Millrace.Consuming.Partitions;
using Millrace.Storage;

namespace Millrace.Consuming.Leases;

/// <summary>
/// Coordinates the leases of this node with the other nodes: announces the node, takes its share of the leases, renews
/// them, and releases those that other nodes should run. Passes pauses and resets to the consumers, and reports their
/// states. One loop runs per node.
/// </summary>
internal sealed class LeaseCoordinator(
    EventStore store, Func<IReadOnlyList<Consumer>> consumers, string node, ConsumerOptions options, ILogger logger)
    : IDisposable
{
    private const int ChecksToSettle = 2;

    /// <summary>From this number of due leases, one statement renews all, and the table is read again.</summary>
    private const int MinRenewedTogether = 8;

    private readonly TimeProvider _time = store.Time;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConsumerStateReporter _reporter = new(store, node, logger);
    private readonly PartitionConfigurator _partitionConfigurator = new(store, options, logger);
    // The leases that this inspection renewed together, with the time of the request.
    private readonly Dictionary<(string Consumer, int Partition), long> _renewed = [];
    private readonly HashSet<Consumer> _blocked = []; // Another transaction locked their rows at the last inspection.
    private readonly LeaseBalancer _balancer = new(node, options.LookEvery * ChecksToSettle);
    private List<string> _announcedConsumers = [];
    private long? _announcedAt;
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
#pragma warning disable CA1031 // While the storage fails, leases expire, and the loop requests them again.
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

    /// <summary>Called with a consumer whose number of partitions in the store differs from the number that this node
    /// runs, and the number in the store.</summary>
    public Action<string, int> PartitionsChanged { private get; init; } = static (_, _) => { };

    /// <summary>Called with a consumer of this node whose lease was released in the store.</summary>
    public Action<Consumer> Restarted { private get; init; } = static _ => { };

    /// <summary>Requests an inspection as soon as possible.</summary>
    public void InspectSoon()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Inspects the leases now, and returns when all changes have been passed to the consumers.</summary>
    public async ValueTask Inspect(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var all = consumers();
            var names = all.Select(consumer => consumer.Name).Distinct(StringComparer.Ordinal).ToList();
            await Announce(names, cancellationToken).ConfigureAwait(false);
            var table = await Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            if (!_isStopping && await _partitionConfigurator.Apply(all, table, cancellationToken).ConfigureAwait(false))
                table = await Leases.Inspect(_time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            table = await RenewTogether(table, cancellationToken).ConfigureAwait(false);
            if (!table.Nodes.Any(known => known.Name == node))
                _announcedAt = null; // The announcement has expired, and another node removed it.
            _balancer.Note(table, names);
            var records = new Dictionary<(string, int), ConsumerRecord>();
            foreach (var record in table.Consumers)
                records[(record.Consumer, record.Partition)] = record;
            // Consumers that were blocked at the last inspection come last, so that no other lease expires first.
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

    /// <summary>Stops taking leases.</summary>
    public void StopAcquiring() => _isStopping = true;

    /// <summary>Releases all leases, so that other nodes take over immediately.</summary>
    public async Task Release(CancellationToken cancellationToken)
    {
        foreach (var consumer in consumers())
            await ReleaseNow(consumer, cancellationToken).ConfigureAwait(false);
        if (_announcedConsumers.Count == 0)
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

    /// <summary>Releases the lease of a consumer that this node no longer runs.</summary>
    public Task Release(Consumer consumer, CancellationToken cancellationToken) =>
        Release(consumer, null, cancellationToken);

    /// <summary>Releases a lease for another node, unless the consumer has lost it or has a later one.</summary>
    public Task ReleaseLease(Consumer consumer, ConsumerLease lease, CancellationToken cancellationToken) =>
        Release(consumer, lease, cancellationToken);

    private async Task Release(Consumer consumer, ConsumerLease? lease, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (lease is not null && consumer.Lease != lease)
                return;
            await ReleaseNow(consumer, cancellationToken).ConfigureAwait(false);
            _reporter.Forget(consumer);
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

    private async ValueTask ReleaseNow(Consumer consumer, CancellationToken cancellationToken)
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

    /// <summary>Announces this node and its consumers to the other nodes, when a third of the last announcement's
    /// duration has passed or the consumers have changed.</summary>
    private async ValueTask Announce(List<string> names, CancellationToken cancellationToken)
    {
        var isDue = _announcedAt is not { } at || _time.GetElapsedTime(at) >= options.LeaseDuration / 3;
        if (_isStopping
            || (!isDue && names.SequenceEqual(_announcedConsumers))
            || (names.Count == 0 && _announcedConsumers.Count == 0))
            return;
        var now = _time.GetTimestamp();
        await Leases
            .AnnounceNode(node, names, options.LeaseDuration, _time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
        _announcedAt = now;
        _announcedConsumers = names;
    }

    private async ValueTask ReconcileOne(
        Consumer consumer, ConsumerRecord? record, LeaseTable table, CancellationToken cancellationToken)
    {
        _blocked.Remove(consumer);
        try
        {
            await Reconcile(consumer, record, table, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException busy) when (busy.Problem == StorageProblem.Busy)
        {
            // Usually, a long commit of the consumer itself holds the lock. The next inspection tries again.
            _blocked.Add(consumer);
            ConsumerLog.CannotTend(logger, consumer.Name, busy);
        }
    }

    private async ValueTask Reconcile(
        Consumer consumer, ConsumerRecord? record, LeaseTable table, CancellationToken cancellationToken)
    {
        if (consumer.Lease is { } lease)
        {
            if (record is not null && record.LeaseEpoch == lease.Epoch && record.Holder == node)
            {
                await Renew(consumer, lease, record, table.Now, cancellationToken).ConfigureAwait(false);
                return;
            }
            if (record?.Holder is { } successor && successor != node)
                ConsumerLog.TakenOver(logger, consumer.Name, consumer.Share.Partition, successor, node);
            consumer.Lose(lease);
            if (record is { Holder: null } && record.LeaseEpoch == lease.Epoch)
            {
                ConsumerLog.Restarts(logger, consumer.Label);
                consumer.IsRestarting = true;
                Restarted(consumer); // Requests the lease again, unless the consumer is replaced.
                return;
            }
        }
        var isOwn = record?.Holder == node;
        if (_isStopping || consumer.IsRestarting || (record is not null && table.IsHeld(record) && !isOwn))
            return;
        if (_balancer.Takes(consumer.Name, consumer.Share.Partition))
        {
            // Stored before the lease is acquired. If this node fails, the next node starts at the same position.
            if (record?.Checkpoint is null && consumer.FirstCheckpoint is { } first)
                await Leases.StoreFirstCheckpoint(consumer.Name, first, cancellationToken).ConfigureAwait(false);
            await Acquire(consumer, cancellationToken).ConfigureAwait(false);
        }
        else if (isOwn && record is not null)
            await Leases
                .Release(record.Consumer, record.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
    }

    /// <summary>Ends a consumer whose number of partitions has changed. The store refuses its current batch.</summary>
    private void ReportRepartitioned(Consumer consumer, int partitions)
    {
        if (consumer.Lease is { } lease)
            consumer.Lose(lease);
        PartitionsChanged(consumer.Name, partitions);
    }

    private bool IsDue(ConsumerRecord record, DateTimeOffset now) =>
        record.LeaseUntil - now < options.LeaseDuration * 2 / 3;

    /// <summary>
    /// If many leases of this node are due, renews all of them with one statement. Leases that the statement did not
    /// renew are renewed one by one.
    /// </summary>
    private async ValueTask<LeaseTable> RenewTogether(LeaseTable table, CancellationToken cancellationToken)
    {
        _renewed.Clear();
        var due = 0;
        foreach (var record in table.Consumers)
            due += record.Holder == node && IsDue(record, table.Now) ? 1 : 0;
        var requestedAt = _time.GetTimestamp();
        if (_isStopping
            || due < MinRenewedTogether
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
            if (record.Holder == node && before.TryGetValue(key, out var earlier) && earlier.Holder == node
                && earlier.LeaseEpoch == record.LeaseEpoch && record.LeaseUntil > earlier.LeaseUntil)
            {
                _renewed[key] = requestedAt;
            }
        }
        return after;
    }

    private async ValueTask Acquire(Consumer consumer, CancellationToken cancellationToken)
    {
        var requestedAt = _time.GetTimestamp();
        var record = await Request(consumer, cancellationToken).ConfigureAwait(false);
        if (record.Holder != node)
            return;
        if (record.Partitions != consumer.Share.Count)
        {
            // The partitions changed after the inspection, so the lease is for other keys.
            await Leases
                .Release(record.Consumer, record.Partition, record.LeaseEpoch, cancellationToken)
                .ConfigureAwait(false);
            InspectSoon();
            return;
        }
        _reporter.Forget(consumer);
        consumer.Grant(new ConsumerLease(record) { RenewedAt = requestedAt }, record.IsPaused);
    }

    private ValueTask<ConsumerRecord> Request(Consumer consumer, CancellationToken cancellationToken) =>
        Leases.Acquire(
            consumer.Name, consumer.Share.Partition, node, options.LeaseDuration, _time.GetUtcNow(), cancellationToken);

    private async ValueTask Renew(
        Consumer consumer,
        ConsumerLease lease,
        ConsumerRecord record,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        consumer.SetPaused(record.IsPaused);
        consumer.NoticeDecisions(record.ReleasedDeadLetters);
        var wasRenewed = _renewed.TryGetValue((record.Consumer, record.Partition), out var renewedAt);
        if (wasRenewed)
        {
            lease.RenewedAt = renewedAt;
        }
        else if (IsDue(record, now))
        {
            var requestedAt = _time.GetTimestamp();
            var renewed = await Request(consumer, cancellationToken).ConfigureAwait(false);
            if (renewed.LeaseEpoch != lease.Epoch || renewed.Holder != node)
                consumer.Lose(lease);
            if (renewed.LeaseUntil <= record.LeaseUntil)
            {
                // Another transaction has locked its row. The other changes wait for the next inspection too.
                _blocked.Add(consumer);
                return;
            }
            lease.RenewedAt = requestedAt;
        }
        if (consumer.Progress.Position >= store.Tail.Head.Position)
            consumer.Progress.Start();
        await _reporter.Report(consumer, lease, wasRenewed ? renewedAt : null, cancellationToken).ConfigureAwait(false);
        if (!_isStopping && _balancer.SuccessorOf(consumer.Name, consumer.Share.Partition) is { } other)
            await Yield(consumer, lease, other, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Asks a consumer to finish its batch and to release its lease, so that another node takes over. A consumer that
    /// does not finish within the stop timeout loses its lease.
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
            await ReleaseNow(consumer, cancellationToken).ConfigureAwait(false);
        }
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
