using Millrace.Consuming.Leases;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;

namespace Millrace.Consuming;

/// <summary>
/// A durable reader of the log with a checkpoint. It runs while this node holds its lease, and waits otherwise.
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
    private volatile bool _hasNews;

    public string Name => Processor.Name;

    public ConsumerProcessor Processor { get; } = processor;

    /// <summary>The keys that it handles: all keys, unless the consumer is partitioned.</summary>
    public PartitionKeys Share { get; init; }

    /// <summary>
    /// The cache of log pages that its partitions on this node share; null when the consumer is not partitioned.
    /// </summary>
    public SharedPageCache? Pages { get; init; }

    /// <summary>The name for log messages, with the partition when the consumer is partitioned.</summary>
    public string Label => Share.IsWhole ? Name : $"{Name}, partition {Share.Partition} of {Share.Count},";

    /// <summary>The policy for its errors.</summary>
    public FailurePolicy Policy { get; } = policy;

    /// <summary>
    /// For a consumer that starts at the end of the log: the end of the log when this node started the consumer. It is
    /// the first checkpoint, unless one is stored already. Null for a consumer that starts with the first event.
    /// </summary>
    public long? FirstCheckpoint { get; set; }

    /// <summary>
    /// Creates another processor of the same kind, for a consumer of the given name (its own, or that of another build
    /// of its read model), to be run without effects. Null when that is not possible.
    /// </summary>
    public Func<string, ConsumerProcessor>? CreateCopy { get; init; }

    public ConsumerProgress Progress { get; } = new(services.Time);

    /// <summary>The lease that this node holds, or null.</summary>
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
    /// Canceled at the next change from outside. Read it before the state, so that no change is missed.
    /// </summary>
    public CancellationToken Interrupt
    {
        get
        {
            lock (_lock)
                return _interrupt.Token;
        }
    }

    /// <summary>The number of its open dead letters, while this node runs it.</summary>
    public long OpenDeadLetters
    {
        get => Interlocked.Read(ref _openDeadLetters);
        set => Interlocked.Exchange(ref _openDeadLetters, value);
    }

    /// <summary>The number of open dead letters in each state, from the run that was started last.</summary>
    public DeadLetterCounts? DeadLetters
    {
        get => Volatile.Read(ref _deadLetters);
        set => Volatile.Write(ref _deadLetters, value);
    }

    /// <summary>The number of decisions about its dead letters that it has seen.</summary>
    public long ReleasedSeen
    {
        get => Interlocked.Read(ref _releasedSeen);
        set => Interlocked.Exchange(ref _releasedSeen, value);
    }

    /// <summary>Returns its position and state; null while this node does not hold its lease.</summary>
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

    /// <summary>Asks the lease coordinator to inspect the leases now.</summary>
    public Action RequestLease { private get; set; } = static () => { };

    /// <summary>
    /// Releases the given lease, so that another node can take it. A lease granted later is not released.
    /// </summary>
    public Func<Consumer, ConsumerLease, CancellationToken, Task> ReleaseLease { private get; set; } =
        static (_, _, _) => Task.CompletedTask;

    public void Grant(ConsumerLease lease, bool isPaused)
    {
        lock (_lock)
        {
            _lease = lease;
            _isPaused = isPaused;
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
    public void Notice(long released)
    {
        lock (_lock)
        {
            if (released <= Interlocked.Read(ref _releasedSeen) || _hasNews)
                return;
            _hasNews = true;
        }
        Wake();
    }

    /// <summary>Returns true when decisions about its dead letters were made since the last call.</summary>
    public bool TakeReleasedSignal()
    {
        if (!_hasNews)
            return false;
        _hasNews = false;
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
        // The timer is set before the wait is announced: a test that then advances its clock must wake it.
        var rest = Task.Delay(delay, services.Time, any.Token);
        Progress.PauseUntil(until, interrupt);
        await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        CancellationTokenSource before;
        lock (_lock)
        {
            before = _interrupt;
            _interrupt = new CancellationTokenSource();
        }
        before.Cancel();
        Progress.Wake(before.Token); // The consumer may already wait again.
    }
}
