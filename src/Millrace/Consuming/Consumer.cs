using System.Diagnostics;
using Millrace.Consuming.Leases;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>
/// Reads the log durably, with a checkpoint. Runs while this node holds the consumer's lease, and waits otherwise.
/// </summary>
internal sealed class Consumer(ConsumerProcessor processor, FailurePolicy policy, ConsumerServices services)
    : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _interrupt = new();
    private ConsumerLease? _lease;
    private bool _isPaused;
    private long _releasedSeen;
    private long _openDeadLetters;
    private DeadLetterCounts? _deadLetters;
    private volatile bool _hasNewDecisions;
    private volatile bool _hasRemovedExpired;
    private volatile bool _isRestarting;

    public string Name => Processor.Name;

    public ConsumerProcessor Processor { get; } = processor;

    /// <summary>Gets the keys that the consumer handles. These are all keys, unless it is partitioned.</summary>
    public PartitionKeys Share { get; init; }

    /// <summary>Gets whether the consumer is divided into partitions.</summary>
    public bool IsDivided => !Share.IsWhole;

    /// <summary>
    /// Gets the cache of log pages that the consumer's partitions on this node share; null if it is not partitioned.
    /// </summary>
    public SharedPageCache? Pages { get; init; }

    /// <summary>Gets the name for log messages, with the partition if the consumer is partitioned.</summary>
    public string Label => Share.IsWhole ? Name : $"{Name}, partition {Share.Partition} of {Share.Count},";

    /// <summary>Gets the policy for the consumer's errors.</summary>
    public FailurePolicy Policy { get; } = policy;

    /// <summary>
    /// Gets or sets the end of the log when this node started a consumer that starts at the end. It is the first
    /// checkpoint, unless one is stored already. Null for a consumer that starts with the first event.
    /// </summary>
    public long? FirstCheckpoint { get; set; }

    /// <summary>
    /// Gets a function that creates a processor of the same kind to run without effects; null if that is not possible.
    /// Its argument is the consumer's name, or that of another build of its read model.
    /// </summary>
    public Func<string, ConsumerProcessor>? CreateCopy { get; init; }

    public ConsumerProgress Progress { get; } = new(services.Time);

    /// <summary>Gets the lease that this node holds; null if it holds none.</summary>
    public ConsumerLease? Lease
    {
        get
        {
            lock (_lock)
                return _lease;
        }
    }

    public bool IsPaused
    {
        get
        {
            lock (_lock)
                return _isPaused;
        }
    }

    /// <summary>
    /// Gets a token that is canceled at the next outside change. Read the token before the state, to miss no change.
    /// </summary>
    public CancellationToken Interrupt
    {
        get
        {
            lock (_lock)
                return _interrupt.Token;
        }
    }

    /// <summary>
    /// Gets or sets whether all expired documents that can be removed now are removed, since this node runs the
    /// consumer.
    /// </summary>
    public bool HasRemovedExpired
    {
        get => _hasRemovedExpired;
        set => _hasRemovedExpired = value;
    }

    /// <summary>
    /// Gets or sets whether a restart of the consumer is pending or has replaced it. It then takes no lease: its
    /// handler may still run, and the consumer that replaces it could otherwise get the same lease.
    /// </summary>
    public bool IsRestarting
    {
        get => _isRestarting;
        set => _isRestarting = value;
    }

    /// <summary>Gets or sets the number of its open dead letters, while this node runs the consumer.</summary>
    public long OpenDeadLetters
    {
        get => Interlocked.Read(ref _openDeadLetters);
        set => Interlocked.Exchange(ref _openDeadLetters, value);
    }

    /// <summary>Gets or sets the number of open dead letters in each state, from the last run.</summary>
    public DeadLetterCounts? DeadLetters
    {
        get => Volatile.Read(ref _deadLetters);
        set => Volatile.Write(ref _deadLetters, value);
    }

    /// <summary>Gets or sets the number of decisions about its dead letters that the consumer has seen.</summary>
    public long ReleasedSeen
    {
        get => Interlocked.Read(ref _releasedSeen);
        set => Interlocked.Exchange(ref _releasedSeen, value);
    }

    /// <summary>Returns the consumer's position and state; null while this node does not hold the lease.</summary>
    public ConsumerSnapshot? TakeSnapshot()
    {
        var head = services.Store.Tail.Head.Position;
        lock (_lock)
        {
            if (_lease is not { } lease)
                return null;
            var snapshot = Progress.TakeSnapshot(head, services.Options.StallAfter);
            // Read after the position, because a run counts its dead letters before its position passes their events.
            return snapshot with { LeaseEpoch = lease.Epoch, OpenDeadLetters = OpenDeadLetters };
        }
    }

    /// <summary>Sets the action that asks the lease coordinator to inspect the leases now.</summary>
    public Action RequestLease { private get; set; } = static () => { };

    /// <summary>
    /// Sets the function that releases a lease for another node. It never releases a lease that was granted later.
    /// </summary>
    public Func<Consumer, ConsumerLease, CancellationToken, Task> ReleaseLease { private get; set; } =
        static (_, _, _) => Task.CompletedTask;

    public void Grant(ConsumerLease lease, bool isPaused)
    {
        lock (_lock)
        {
            _lease = lease;
            _isPaused = isPaused;
            _hasRemovedExpired = false;
            Progress.MoveTo(lease.Checkpoint ?? 0);
        }
        Progress.Start();
        Wake();
    }

    public void Lose(ConsumerLease lease)
    {
        lock (_lock)
        {
            if (_lease == lease)
                _lease = null;
        }
        lease.Lose();
        Wake();
    }

    /// <summary>
    /// Records the progress made under a lease. Ignored when the lease has been lost, because another run may have
    /// started elsewhere.
    /// </summary>
    public void MoveTo(ConsumerLease lease, long position, DateTimeOffset? recordedAt = null)
    {
        lock (_lock)
        {
            if (_lease == lease)
                Progress.MoveTo(position, recordedAt);
        }
    }

    /// <summary>Makes the consumer read its dead letters when there are decisions that it has not seen.</summary>
    public void NoticeDecisions(long releasedCount)
    {
        lock (_lock)
        {
            if (releasedCount <= Interlocked.Read(ref _releasedSeen) || _hasNewDecisions)
                return;
            _hasNewDecisions = true;
        }
        Wake();
    }

    /// <summary>Returns true when decisions about its dead letters were made since the last call.</summary>
    public bool TakeReleasedSignal()
    {
        if (!_hasNewDecisions)
            return false;
        _hasNewDecisions = false;
        return true;
    }

    public void SetPaused(bool isPaused)
    {
        lock (_lock)
        {
            if (_isPaused == isPaused)
                return;
            _isPaused = isPaused;
        }
        Wake();
    }

    /// <summary>
    /// Runs until <paramref name="stopping"/> is canceled, then finishes the current batch unless <paramref
    /// name="abandoned"/> is canceled first.
    /// </summary>
    public async Task Run(CancellationToken stopping, CancellationToken abandoned)
    {
        Activity.Current = null; // A request that opened the store is not the cause of what the consumer does.
        var faults = 0;
        while (!stopping.IsCancellationRequested)
        {
            var interrupt = Interrupt;
            if (Lease is not { } lease)
            {
                await Wait(Timeout.InfiniteTimeSpan, interrupt, stopping).ConfigureAwait(false);
                continue;
            }
            var failure = await RunUnder(lease, stopping, abandoned).ConfigureAwait(false);
            faults = failure is null ? 0 : faults + 1;
            if (failure is not null)
                await Fault(failure, faults, stopping).ConfigureAwait(false);
            if (stopping.IsCancellationRequested)
                return;
            if (failure is null && lease.Yielding.IsCancellationRequested)
                await ReleaseOrStop(lease, stopping).ConfigureAwait(false);
            else
                RestartFromStorage(lease);
        }
    }

    public void Dispose()
    {
        Lease?.Dispose();
        _interrupt.Dispose();
    }

    /// <summary>Waits until the delay has passed, a change comes from outside, or a token is canceled.</summary>
    public async Task Wait(TimeSpan delay, CancellationToken interrupt, CancellationToken other)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(interrupt, other);
        DateTimeOffset? until = delay == Timeout.InfiniteTimeSpan ? null : services.Time.GetUtcNow() + delay;
        // The timer starts before the wait is announced. A test that then advances its clock must end the wait.
        var delayTask = Task.Delay(delay, services.Time, any.Token);
        Progress.PauseUntil(until, interrupt);
        await delayTask.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Progress.Wake();
    }

    /// <summary>
    /// Returns the error that prevented the run from starting. Returns null if the run completed normally or the lease
    /// was lost.
    /// </summary>
    private async Task<Exception?> RunUnder(
        ConsumerLease lease, CancellationToken stopping, CancellationToken abandoned)
    {
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(lease.Lost, abandoned);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(lease.Yielding, stopping);
        Processor.Load?.Restart();
        var run = new ConsumerRun(this, services, lease, abort.Token);
        try
        {
            await run.Start().ConfigureAwait(false);
            await run.Run(end.Token).ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            return null;
        }
        catch (Storage.LeaseLostException exception)
        {
            ConsumerLog.LostLease(services.Logger, Label, exception.Message);
            return null;
        }
#pragma warning disable CA1031 // The consumer's loop reports a failure to start, and retries.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
        finally
        {
            await run.End().ConfigureAwait(false);
        }
    }

    private async Task Fault(Exception exception, int faults, CancellationToken stopping)
    {
        var interrupt = Interrupt;
        LogFault(exception, faults);
        services.Metrics.Failed(Name, exception);
        Progress.Set(ConsumerState.Faulted, ConsumerProblem.Of(exception, null, faults, services.Time.GetUtcNow()));
        await Wait(services.Retries.DelayAfter(faults), interrupt, stopping).ConfigureAwait(false);
    }

    /// <summary>
    /// An unavailable broker usually recovers without help, so it is logged once and without a stack trace.
    /// </summary>
    private void LogFault(Exception exception, int faults)
    {
        if (exception is not TransportUnavailableException)
            ConsumerLog.Faulted(services.Logger, Label, exception);
        else if (faults == 1)
            ConsumerLog.BeginsLater(services.Logger, Label, exception.Message);
    }

    private async Task ReleaseOrStop(ConsumerLease lease, CancellationToken stopping)
    {
        try
        {
            await ReleaseLease(this, lease, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host releases all leases after it has stopped.
        }
    }

    /// <summary>
    /// Starts again from the stored state: the lease coordinator takes or confirms the lease and its checkpoint.
    /// </summary>
    private void RestartFromStorage(ConsumerLease lease)
    {
        Lose(lease);
        RequestLease();
    }

    /// <summary>Makes the consumer read its state again, and retry failed events immediately.</summary>
    public void Wake()
    {
        CancellationTokenSource previous;
        lock (_lock)
        {
            previous = _interrupt;
            _interrupt = new CancellationTokenSource();
        }
        previous.Cancel();
        Progress.Wake(previous.Token); // The consumer may already wait again.
    }
}
