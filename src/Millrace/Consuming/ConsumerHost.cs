using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Consuming.Leases;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Consuming;

/// <summary>Runs the consumers of a node: starts them, awaits them, and releases their leases
/// when the node stops.</summary>
internal sealed class ConsumerHost : IStoreService, IAsyncDisposable
{
    /// <summary>The maximum wait for work that was cancelled because the stop timeout has passed.</summary>
    internal static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly CancellationTokenSource _stoppingLeases = new();
    private readonly ConsumerServices _services;
    private readonly ILogger _logger;
    private readonly PartitionCoordinator _partitions;
    private readonly SemaphoreSlim _changing = new(1); // Held while consumers are added or removed.
    private readonly Dictionary<Consumer, (CancellationTokenSource Stop, Task Run)> _running = [];
    private volatile Consumer[] _consumers = [];
    private Task _leaseLoop = Task.CompletedTask;
    private Task _partitionLoop = Task.CompletedTask;
    private bool _isStarted;

    public ConsumerHost(
        EventStore store,
        ConsumerOptions options,
        ILoggerFactory? loggers = null,
        IMeterFactory? meters = null,
        Random? random = null)
    {
        var copy = options.IsShared ? options : options.Copy();
        if (copy.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger<ConsumerHost>();
        random ??= Random.Shared;
        var retries = new RetryBackoff(copy, random);
        var unique = Guid.CreateVersion7(store.Time.GetUtcNow()).ToString("N")[^8..]; // Process ids are reused.
        var node = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}/{unique}");
        _services = new ConsumerServices(store, copy, new ConsumerMetrics(meters), retries, random, _logger, node);
        _partitions = new PartitionCoordinator(this);
        Clock = new StoreClock(() => store.Storage, store.Time);
        LeaseCoordinator = new LeaseCoordinator(store, () => _consumers, node, copy, _logger)
        {
            PartitionsChanged = _partitions.Note,
            Restarted = _partitions.NoteRestart,
        };
        var gauges = new ConsumerGauges(store, () => _consumers);
        _services.Metrics.ObserveLag(gauges.Lags);
        _services.Metrics.ObserveStalls(gauges.Stalls);
        _services.Metrics.ObserveDeadLetters(gauges.DeadLetters);
        _services.Metrics.ObserveLoad(gauges.Loads);
    }

    /// <summary>Gets the name of this node in its leases.</summary>
    public string Node => _services.Node;

    public EventStore Store => _services.Store;

    /// <summary>Gets the clock for times that other nodes read.</summary>
    public StoreClock Clock { get; }

    public ConsumerOptions Options => _services.Options;

    public LeaseCoordinator LeaseCoordinator { get; }

    /// <summary>Gets whether the host was started with consumers enabled, and not stopped.</summary>
    public bool IsRunning => _isStarted && Options.IsEnabled && !_stopping.IsCancellationRequested;

    public IReadOnlyList<Consumer> All => _consumers;

    public ILogger Logger => _logger;

    /// <summary>
    /// Gets or sets the service that adds and removes consumers while the node runs. The service starts and stops
    /// before the consumers.
    /// </summary>
    public IStoreService? CompanionService { get; set; }

    /// <summary>
    /// Gets this node's readers, one for each version of a read model, by the version's first collection.
    /// </summary>
    public ConcurrentDictionary<string, ICollectionReader> Readers { get; } = new(StringComparer.Ordinal);

    /// <summary>Returns a host that runs no consumers, for tools that inspect the consumers of other nodes.</summary>
    public static ConsumerHost Idle(EventStore store) => new(store, new ConsumerOptions { IsEnabled = false });

    /// <summary>
    /// Gets the failure policies by consumer name. The policy with an empty name applies to all other consumers.
    /// </summary>
    public Dictionary<string, FailurePolicy> Policies { get; } = new(StringComparer.Ordinal);

    /// <summary>Sets the function that creates the followers of documents, before the host is started.</summary>
    public void FollowDocuments(Func<Consumer, IDocumentFollower?> create) => _services.CreateFollower = create;

    /// <summary>
    /// Sets since when the log had no further event, before the host is started; null if it is unknown.
    /// </summary>
    public void SetQuiet(QuietLog? quiet) => _services.Quiet = quiet;

    /// <summary>Returns the reporter of a consumer whose failures are not caused by events in the log.</summary>
    public FailureReporter ReportsOf(string consumer, FailureRules rules) => new(consumer, _services, rules);

    /// <summary>Adds a consumer, before the host is started.</summary>
    /// <param name="processor">The processor of the consumer.</param>
    /// <param name="createCopy">Creates a copy of the processor for a consumer of the given name, to simulate it
    /// without effects; null when it cannot be copied.</param>
    public Consumer Add(ConsumerProcessor processor, Func<string, ConsumerProcessor>? createCopy = null)
    {
        if (_isStarted)
            throw new InvalidOperationException("The consumers are running: add consumers before the store starts.");
        if (Find(processor.Name) is not null)
            throw new InvalidOperationException(
                $"Two consumers have the name '{processor.Name}': give one of them another name.");
        return AddStopped(processor, createCopy);
    }

    /// <summary>Adds a consumer of the companion service, before or after the host is started.</summary>
    public Task AddRunning(
        ConsumerProcessor processor, Func<string, ConsumerProcessor>? copy, CancellationToken cancellationToken) =>
        Change(
            () => Find(processor.Name) is null
                ? StartConsumers([AddStopped(processor, copy)], cancellationToken)
                : Task.CompletedTask,
            cancellationToken);

    /// <summary>Removes a consumer from this node. Lets it finish its batch, and releases its lease.</summary>
    public Task Remove(Consumer consumer, CancellationToken cancellationToken) => Change(
        () =>
        {
            _consumers = [.. _consumers.Where(other => other != consumer)];
            return End(consumer, cancellationToken);
        },
        cancellationToken);

    /// <summary>Runs a consumer with the number of partitions that it has in the store.</summary>
    public Task Divide(string name, int partitions, CancellationToken cancellationToken) =>
        Change(() => DivideNow(name, partitions, cancellationToken), cancellationToken);

    private Task DivideNow(string name, int partitions, CancellationToken cancellationToken)
    {
        var oldPartitions = FindAll(name);
        if (oldPartitions is not [var first, ..] || first.Share.Count == partitions || !IsRunning)
            return Task.CompletedTask;
        if (!first.Processor.CanBeDivided && partitions > 1)
        {
            // Another build divided it. This build waits until the store has one partition again.
            var problem = new PartitioningNotSupportedException(
                name, $"it has {partitions} partitions in the store, and this build cannot divide it.");
            first.Progress.Set(ConsumerState.Faulted, ConsumerProblem.Of(problem, null, 1, Store.Time.GetUtcNow()));
            return Task.CompletedTask;
        }
        var pages = partitions > 1 ? new SharedPageCache(Store.Time) : null;
        var newPartitions = PartitionKeys.All(partitions)
            .Select(share => Create(first.Processor.CreateShare(share), first.CreateCopy, share, pages))
            .ToArray();
        return Replace(oldPartitions, newPartitions, cancellationToken);
    }

    /// <summary>
    /// Starts a consumer again after its lease was released in the store. A handler that does not end is abandoned: a
    /// new run with a new processor replaces it, and the store refuses the commits of the old run.
    /// </summary>
    public Task Restart(Consumer consumer, CancellationToken cancellationToken) => Change(
        () => _consumers.Contains(consumer) && IsRunning
            && consumer.Processor.TryCreateReplacement() is { } processor
            ? Replace(
                [consumer],
                [Create(processor, consumer.CreateCopy, consumer.Share, consumer.Pages)],
                cancellationToken)
            : Task.CompletedTask,
        cancellationToken);

    private async Task Change(Func<Task> change, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task Replace(
        IReadOnlyList<Consumer> oldConsumers, IReadOnlyList<Consumer> newConsumers, CancellationToken cancellationToken)
    {
        foreach (var consumer in newConsumers)
            consumer.FirstCheckpoint = oldConsumers[0].FirstCheckpoint;
        var at = Array.IndexOf(_consumers, oldConsumers[0]);
        _consumers = [.. _consumers.Take(at), .. newConsumers, .. _consumers.Skip(at).Except(oldConsumers)];
        // Not cancelled if this node stops, because only this call has references to the removed consumers.
        await Task.WhenAll(oldConsumers.Select(consumer => End(consumer, CancellationToken.None)))
            .ConfigureAwait(false);
        await StartConsumers(newConsumers, cancellationToken).ConfigureAwait(false);
    }

    private async Task StartConsumers(IReadOnlyList<Consumer> consumers, CancellationToken cancellationToken)
    {
        if (!IsRunning)
            return;
        await FirstCheckpointWriter.Write(Store, consumers, _logger, cancellationToken).ConfigureAwait(false);
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
            await WaitAtMost(running.Run, Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        }
        // After the release, the store refuses the current batch of the consumer.
        await LeaseCoordinator.Release(consumer, cancellationToken).ConfigureAwait(false);
        if (running.Run is null or { IsCompleted: true })
            consumer.Dispose();
        else
            ConsumerLog.Abandoned(_logger, consumer.Name, Options.StopTimeout.TotalMilliseconds);
    }

    /// <summary>Returns a consumer, or its first partition when it is divided.</summary>
    public Consumer? Find(string name) => Array.Find(_consumers, consumer => consumer.Name == name);

    /// <summary>Returns the partitions of a consumer, in order; one when it is not divided.</summary>
    public IReadOnlyList<Consumer> FindAll(string name) => Array.FindAll(_consumers, consumer => consumer.Name == name);

    /// <summary>Returns the snapshot of a consumer; null unless this node runs all its partitions.</summary>
    public ConsumerSnapshot? TakeSnapshot(string name)
    {
        ConsumerSnapshot? all = null;
        foreach (var consumer in _consumers)
        {
            if (consumer.Name != name)
                continue;
            if (consumer.TakeSnapshot() is not { } one)
                return null;
            all = all is { } before ? before.And(one) : one;
        }
        return all;
    }

    /// <summary>Checks that the options and policies name consumers of this host.</summary>
    /// <exception cref="PartitioningNotSupportedException">The options divide a consumer that does not exist or cannot
    /// be divided.</exception>
    /// <exception cref="InvalidOperationException">A policy is for a consumer that does not exist.</exception>
    public void Validate()
    {
        ConsumerConfigurationValidator.CheckPolicies(_consumers, Policies.Keys);
        ConsumerConfigurationValidator.CheckPartitions(_consumers, Options);
    }

    /// <summary>Prepares the collections and tables of the consumers, and starts the consumers
    /// when they are enabled.</summary>
    public async Task Start(CancellationToken cancellationToken)
    {
        if (_isStarted)
            return;
        if (CompanionService is not null)
            await CompanionService.Start(cancellationToken).ConfigureAwait(false);
        _isStarted = true;
        if (Options.IsEnabled)
            await FirstCheckpointWriter.Write(Store, _consumers, _logger, cancellationToken).ConfigureAwait(false);
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
        _leaseLoop = Task.Run(() => LeaseCoordinator.Run(_stoppingLeases.Token), CancellationToken.None);
        _partitionLoop = Task.Run(() => _partitions.Run(_stopping.Token), CancellationToken.None);
    }

    /// <summary>
    /// Stops reading events, finishes the current batches within the stop timeout, stores the checkpoints, and releases
    /// the leases.
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
        await _partitionLoop.ConfigureAwait(false);
        var all = Task.WhenAll(_running.Values.Select(running => running.Run));
        await WaitAtMost(all, Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await WaitAtMost(all, AbandonTimeout, CancellationToken.None).ConfigureAwait(false);
        foreach (var (consumer, running) in _running)
        {
            if (!running.Run.IsCompleted)
                ConsumerLog.Abandoned(_logger, consumer.Name, Options.StopTimeout.TotalMilliseconds);
            running.Stop.Dispose();
        }
        await _stoppingLeases.CancelAsync().ConfigureAwait(false);
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
        _stoppingLeases.Dispose();
    }

    private Consumer AddStopped(ConsumerProcessor processor, Func<string, ConsumerProcessor>? createCopy)
    {
        var consumer = Create(processor, createCopy, default);
        _consumers = [.. _consumers, consumer];
        return consumer;
    }

    private Consumer Create(
        ConsumerProcessor processor,
        Func<string, ConsumerProcessor>? createCopy,
        PartitionKeys share,
        SharedPageCache? pages = null)
    {
        processor.Observe(_services.Metrics, Store.Time);
        if (processor.CanAdapt && (processor.LoadOptions ?? Options.Load) is { } load)
            processor.Load = new AdaptiveLoad(processor.Name, load, _services);
        return new(processor, FailurePolicy.For(processor.Name, Policies, processor.Policy), _services)
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

    private async Task Prepare(Consumer consumer, CancellationToken cancellationToken)
    {
        try
        {
            await consumer.Processor.Prepare(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The consumer reports it and tries again.
            ConsumerLog.Faulted(_logger, consumer.Name, exception);
            consumer.Progress.Set(
                ConsumerState.Faulted, ConsumerProblem.Of(exception, null, 1, Store.Time.GetUtcNow()));
        }
    }

    private async Task WaitAtMost(Task task, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(limit, Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        await task.WaitAsync(any.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
