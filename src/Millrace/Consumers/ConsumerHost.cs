using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage;

namespace Millrace;

/// <summary>Runs the consumers of a node: starts them, awaits them, and hands their leases over when it
/// stops.</summary>
internal sealed class ConsumerHost : IStoreService, IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly CancellationTokenSource _keeping = new();
    private readonly ConsumerServices _services;
    private readonly ILogger _logger;
    private readonly PartitionCoordinator _partitions;
    private readonly SemaphoreSlim _changing = new(1); // Who adds and removes consumers while the node runs.
    private readonly Dictionary<Consumer, (CancellationTokenSource Stop, Task Run)> _running = [];
    private volatile Consumer[] _consumers = [];
    private Task _leaseLoop = Task.CompletedTask;
    private Task _partitionsFollow = Task.CompletedTask;
    private bool _isStarted;

    public ConsumerHost(
        EventStore store,
        ConsumerOptions options,
        ILoggerFactory? loggers = null,
        IMeterFactory? meters = null,
        Random? random = null)
    {
        var copy = options.Copy();
        if (copy.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ConsumerHost>();
        random ??= Random.Shared;
        var retries = new RetryBackoff(copy.RetryDelay, copy.MaxRetryDelay, random);
        var unique = Guid.CreateVersion7(store.Time.GetUtcNow()).ToString("N")[^8..]; // Process numbers come again.
        var node = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{unique}");
        _services = new ConsumerServices(store, copy, new ConsumerMetrics(meters), retries, random, _logger, node);
        _partitions = new PartitionCoordinator(this);
        Clock = new StoreClock(() => store.Storage, store.Time);
        LeaseCoordinator = new LeaseCoordinator(store, () => _consumers, node, copy, _logger)
        {
            PartitionsChanged = _partitions.Note,
        };
        var gauges = new ConsumerGauges(store, () => _consumers, LeaseCoordinator);
        _services.Metrics.ObserveLag(gauges.Lags);
        _services.Metrics.ObserveStalls(gauges.Stalls);
        _services.Metrics.ObserveDeadLetters(gauges.DeadLetters);
    }

    /// <summary>The name under which this node holds its leases.</summary>
    public string Node => _services.Node;

    public EventStore Store => _services.Store;

    /// <summary>The clock by which nodes write moments for each other.</summary>
    public StoreClock Clock { get; }

    public ConsumerOptions Options => _services.Options;

    public LeaseCoordinator LeaseCoordinator { get; }

    /// <summary>Whether it was started and not stopped.</summary>
    public bool IsRunning => _isStarted && Options.IsEnabled && !_stopping.IsCancellationRequested;

    public IReadOnlyList<Consumer> All => _consumers;

    public ILogger Logger => _logger;

    /// <summary>Adds and removes consumers while the node runs: started before them, stopped before them.</summary>
    public IStoreService? CompanionService { get; set; }

    /// <summary>Who reads each version of a read model here, by its first collection.</summary>
    public ConcurrentDictionary<string, ICollectionReader> Readers { get; } = new(StringComparer.Ordinal);

    /// <summary>A host that runs nothing, for tools that look at what other nodes run.</summary>
    public static ConsumerHost Idle(EventStore store) => new(store, new ConsumerOptions { IsEnabled = false });

    /// <summary>What is done about errors, by the consumer's name; empty for those that are not named.</summary>
    public Dictionary<string, FailurePolicy> Policies { get; } = new(StringComparer.Ordinal);

    /// <summary>Who is told what becomes of failures that a consumer has elsewhere than in the log.</summary>
    public FailureReporter ReportsOf(string consumer, FailureRules rules) => new(consumer, _services, rules);

    /// <summary>Adds a consumer, before the host is started.</summary>
    /// <param name="work">What it does.</param>
    /// <param name="createCopy">Makes the same work anew for a consumer of that name, or of another build of its read
    /// model, to be tried without effects; null when that is not possible.</param>
    public Consumer Add(ConsumerProcessor work, Func<string, ConsumerProcessor>? createCopy = null)
    {
        if (_isStarted)
            throw new InvalidOperationException("The consumers run already: add them before the store starts.");
        if (Find(work.Name) is not null)
            throw new InvalidOperationException(
                $"Two consumers have the name '{work.Name}': give one of them another.");
        return AddTo(work, createCopy);
    }

    /// <summary>Adds a consumer of the companion's, whether the host is started or not.</summary>
    public async Task AddRunning(
        ConsumerProcessor work, Func<string, ConsumerProcessor>? createCopy, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(work.Name) is null)
                await StartConsumers([AddTo(work, createCopy)], cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Has a consumer finish its batch and gives its lease back; nobody on this node works on it any
    /// more.</summary>
    public async Task Remove(Consumer consumer, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _consumers = [.. _consumers.Where(one => one != consumer)];
            await End(consumer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Has this node work on a consumer by as many partitions as it has in the store.</summary>
    public async Task Divide(string name, int partitions, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var before = FindAll(name);
            if (before.Count == 0 || before[0].Share.Count == partitions || !IsRunning)
                return;
            if (!before[0].Processor.CanBeDivided && partitions > 1)
            {
                // Another build of it can; this one waits until the store has it whole again.
                var problem = new PartitioningNotSupportedException(
                    name, $"it has {partitions} partitions in the store, and its work is one.");
                before[0]
                    .Progress.Set(ConsumerState.Faulted, ConsumerProblem.Of(problem, null, 1, Store.Time.GetUtcNow()));
                return;
            }
            var (work, createCopy) = (before[0].Processor, before[0].CreateCopy);
            var pages = partitions > 1 ? new SharedPageCache(Store.Time) : null;
            var after = PartitionKeys.All(partitions)
                .Select(share => Make(work.CreateShare(share), createCopy, share, pages)).ToArray();
            foreach (var share in after)
                share.FirstCheckpoint = before[0].FirstCheckpoint;
            _consumers = [.. _consumers.Except(before), .. after];
            // To the end, also when this node stops meanwhile: who is not in the list any more is waited for here
            // alone.
            await Task.WhenAll(before.Select(consumer => End(consumer, CancellationToken.None))).ConfigureAwait(false);
            await StartConsumers(after, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task StartConsumers(IReadOnlyList<Consumer> consumers, CancellationToken cancellationToken)
    {
        if (!IsRunning)
            return;
        await StoreFirstCheckpoints(consumers, cancellationToken).ConfigureAwait(false);
        foreach (var consumer in consumers)
        {
            await Prepare(consumer, cancellationToken).ConfigureAwait(false);
            Run(consumer);
        }
        LeaseCoordinator.InspectSoon();
    }

    private async Task End(Consumer consumer, CancellationToken cancellationToken)
    {
        if (_running.Remove(consumer, out var running))
        {
            await running.Stop.CancelAsync().ConfigureAwait(false);
            await Within(running.Run, Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        }
        // What it still has in hand is refused from here on.
        await LeaseCoordinator.Release(consumer, cancellationToken).ConfigureAwait(false);
        if (running.Run is null or { IsCompleted: true })
            consumer.Dispose();
    }

    /// <summary>A consumer; of one that is divided the first partition.</summary>
    public Consumer? Find(string name) => Array.Find(_consumers, consumer => consumer.Name == name);

    /// <summary>The partitions of a consumer, in order; one when it is not divided.</summary>
    public IReadOnlyList<Consumer> FindAll(string name) => Array.FindAll(_consumers, consumer => consumer.Name == name);

    /// <summary>The position that all partitions of a consumer have reached; null unless this node runs them
    /// all.</summary>
    public long? ReachedHere(string name)
    {
        long? reached = null;
        foreach (var consumer in _consumers)
        {
            if (consumer.Name != name)
                continue;
            if (consumer.Lease is null)
                return null;
            var position = consumer.Progress.Position;
            reached = reached < position ? reached : position;
        }
        return reached;
    }

    /// <exception cref="PartitioningNotSupportedException">The options divide a consumer that there is not, or that
    /// cannot be divided.</exception>
    public void RefuseUnknownPartitions()
    {
        foreach (var (name, partitions) in Options.Partitions)
        {
            var named = Array.FindAll(
                _consumers,
                one =>
                    one.Name == name
                    || CollectionName.FirstOf(one.Name) == name
                    || CollectionName.NameOf(one.Name) == name);
            if (named.Length == 0)
            {
                throw new PartitioningNotSupportedException(
                    name,
                    $"there is none of that name. There are: {string.Join(", ", _consumers.Select(one => one.Name))}.");
            }
            if (partitions > 1 && Array.Exists(named, one => !one.Processor.CanBeDivided))
            {
                throw new PartitioningNotSupportedException(
                    name,
                    "it cannot be divided. Handlers of single events and asynchronous projections can be, by their "
                        + "keys; what handles "
                    + "batches, inline projections and projections into SQL tables are one.");
            }
        }
    }

    /// <exception cref="InvalidOperationException">A policy is for a consumer that there is not.</exception>
    public void RefuseUnknownPolicies()
    {
        foreach (var name in Policies.Keys)
        {
            if (name.Length > 0 && Find(name) is null)
            {
                var names = string.Join(", ", _consumers.Select(one => one.Name));
                throw new InvalidOperationException(
                    $"OnFailure names the consumer '{name}', but there is none. There are: {names}.");
            }
        }
    }

    /// <summary>Makes what the consumers write to and starts them, unless this node is to run none.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        if (_isStarted)
            return;
        if (CompanionService is not null)
            await CompanionService.Start(cancellationToken).ConfigureAwait(false);
        _isStarted = true;
        if (Options.IsEnabled)
            await StoreFirstCheckpoints(_consumers, cancellationToken).ConfigureAwait(false);
        foreach (var consumer in _consumers)
            await Prepare(consumer, cancellationToken).ConfigureAwait(false);
        if (!Options.IsEnabled)
            return;
        var filters = _consumers.Select(static consumer => consumer.Processor.Filter).ToList();
        Store.Tail.AddReader(
            filters.Exists(static filter => filter.Types.Count == 0)
                ? null
                : filters.SelectMany(static filter => filter.Types));
        foreach (var consumer in _consumers)
            Run(consumer);
        _leaseLoop = Task.Run(() => LeaseCoordinator.Run(_keeping.Token), CancellationToken.None);
        _partitionsFollow = Task.Run(() => _partitions.Run(_stopping.Token), CancellationToken.None);
    }

    /// <summary>
    /// Takes no more events, finishes the batches in hand within the limit, saves the checkpoints and gives the leases
    /// back.
    /// </summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (!_isStarted || _stopping.IsCancellationRequested)
            return;
        if (CompanionService is not null)
            await CompanionService.Stop(cancellationToken).ConfigureAwait(false);
        LeaseCoordinator.StopAcquiring();
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (!Options.IsEnabled)
            return;
        await _partitionsFollow.ConfigureAwait(false);
        var all = Task.WhenAll(_running.Values.Select(running => running.Run));
        await Within(all, Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await Within(all, TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
        foreach (var (consumer, running) in _running)
        {
            if (!running.Run.IsCompleted)
                ConsumerLog.Abandoned(_logger, consumer.Name, Options.StopTimeout.TotalMilliseconds);
            running.Stop.Dispose();
        }
        await _keeping.CancelAsync().ConfigureAwait(false);
        await _leaseLoop.ConfigureAwait(false);
        using var limit = new CancellationTokenSource(Options.LeaseDuration, Store.Time);
        await LeaseCoordinator.Release(limit.Token).ConfigureAwait(false);
        Store.Tail.RemoveReader();
    }

    public async ValueTask DisposeAsync()
    {
        await Stop(CancellationToken.None).ConfigureAwait(false);
        (CompanionService as IDisposable)?.Dispose();
        _services.Metrics.Dispose();
        LeaseCoordinator.Dispose();
        _partitions.Dispose();
        _changing.Dispose();
        foreach (var consumer in _consumers)
            consumer.Dispose();
        _stopping.Dispose();
        _abandoned.Dispose();
        _keeping.Dispose();
    }

    private Consumer AddTo(ConsumerProcessor work, Func<string, ConsumerProcessor>? createCopy)
    {
        var consumer = Make(work, createCopy, default);
        _consumers = [.. _consumers, consumer];
        return consumer;
    }

    private Consumer Make(
        ConsumerProcessor work,
        Func<string, ConsumerProcessor>? createCopy,
        PartitionKeys share,
        SharedPageCache? pages = null)
    {
        return new Consumer(work, FailurePolicy.For(work.Name, Policies, work.Policy), _services)
        {
            Share = share,
            Pages = pages,
            RequestLease = LeaseCoordinator.InspectSoon,
            ReleaseLease = LeaseCoordinator.ReleaseLease,
            CreateCopy = createCopy,
        };
    }

    private void Run(Consumer consumer)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _running[consumer] = (stop, Task.Run(() => consumer.Run(stop.Token, _abandoned.Token), CancellationToken.None));
    }

    /// <summary>
    /// Stores where consumers begin that begin at the end of the log, before any node takes their leases: what is
    /// appended from now on is handled, whichever nodes die. Where it cannot be stored now, it is before this node
    /// takes the lease.
    /// </summary>
    private async Task StoreFirstCheckpoints(IReadOnlyList<Consumer> consumers, CancellationToken cancellationToken)
    {
        var atEnd = consumers.Where(static consumer => consumer.Processor.BeginsAtEnd).ToList();
        if (atEnd.Count == 0)
            return;
        var end = Store.Tail.Head.Position;
        try
        {
            end = (await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
            foreach (var consumer in atEnd)
                consumer.FirstCheckpoint ??= end;
            var stored = (await Store.Storage.Leases.List(cancellationToken).ConfigureAwait(false)).ToLookup(
                static one => one.Consumer);
            foreach (var consumer in atEnd)
            {
                var records = stored[consumer.Name];
                if (!records.Any() || records.Any(static one => one.Checkpoint is null))
                    await Store
                        .Storage.Leases.StoreFirstCheckpoint(consumer.Name, end, cancellationToken)
                        .ConfigureAwait(false);
            }
        }
        catch (StorageException exception)
        {
            foreach (var consumer in atEnd)
                consumer.FirstCheckpoint ??= end;
            ConsumerLog.CannotLook(_logger, exception);
        }
    }

    private async Task Prepare(Consumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await consumer.Processor.Prepare(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // It is tried again, and reported, by the consumer itself.
            ConsumerLog.Faulted(_logger, consumer.Name, exception);
            consumer.Progress.Set(
                ConsumerState.Faulted, ConsumerProblem.Of(exception, null, 1, Store.Time.GetUtcNow()));
        }
    }

    private async Task Within(Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await task.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
