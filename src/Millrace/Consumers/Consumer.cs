namespace Millrace;

/// <summary>A durable reader of the log with a checkpoint. Works while this node holds its lease, and waits while it
/// does not.</summary>
internal sealed class Consumer(ConsumerProcessor work, FailurePolicy policy, ConsumerServices services) : IDisposable
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

    public ConsumerProcessor Processor { get; } = work;

    /// <summary>The keys that it works for: all of them, unless it is divided.</summary>
    public PartitionKeys Share { get; init; }

    /// <summary>What its partitions on this node read of the log; null when it is not divided.</summary>
    public SharedPageCache? Pages { get; init; }

    /// <summary>Its name and, when it is divided, which partition it is: for people.</summary>
    public string Label => Share.IsWhole ? Name : $"{Name}, partition {Share.Partition} of {Share.Count},";

    /// <summary>What is done about its errors.</summary>
    public FailurePolicy Policy { get; } = policy;

    /// <summary>
    /// The end of the log when this node started the consumer, where it begins at the end: its first checkpoint, unless
    /// it has one. Null for a consumer that begins with the first event.
    /// </summary>
    public long? FirstCheckpoint { get; set; }

    /// <summary>
    /// Makes the same work anew for a consumer of a name, its own or that of another build of its read model, to be
    /// tried without effects; null when that is not possible.
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

    /// <summary>Cancelled at the next change from outside. Take it before looking at the state, so that no change is
    /// missed.</summary>
    public CancellationToken Interrupt
    {
        get
        {
            lock (_lock)
                return _interrupt.Token;
        }
    }

    /// <summary>How many of its letters are open, while this node runs it.</summary>
    public long OpenDeadLetters
    {
        get => Interlocked.Read(ref _openDeadLetters);
        set => Interlocked.Exchange(ref _openDeadLetters, value);
    }

    /// <summary>How many are open in each state, by the work that was begun last.</summary>
    public DeadLetterCounts? DeadLetters
    {
        get => Volatile.Read(ref _deadLetters);
        set => Volatile.Write(ref _deadLetters, value);
    }

    /// <summary>How many of its letters it knows that somebody decided about.</summary>
    public long ReleasedSeen
    {
        get => Interlocked.Read(ref _releasedSeen);
        set => Interlocked.Exchange(ref _releasedSeen, value);
    }

    /// <summary>Asks the keeper of the leases to look at once.</summary>
    public Action RequestLease { private get; set; } = static () => { };

    /// <summary>Gives a lease of it back, so that another node takes its turn; not one that it was granted
    /// since.</summary>
    public Func<Consumer, ConsumerLease, CancellationToken, Task> ReleaseLease { private get; set; } =
        static (_, _, _) => Task.CompletedTask;

    public void Grant(ConsumerLease lease, bool isPaused)
    {
        lock (_lock)
        {
            (_lease, _isPaused) = (lease, isPaused);
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

    /// <summary>Notes how far the work under a lease is; not when it was lost meanwhile, and another has begun
    /// elsewhere.</summary>
    public void MoveTo(ConsumerLease lease, long position, DateTimeOffset? recordedAt = null)
    {
        lock (_lock)
        {
            if (_lease == lease)
                Progress.MoveTo(position, recordedAt);
        }
    }

    /// <summary>Has it look at its letters when somebody decided about some that it does not know of.</summary>
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

    /// <summary>Whether somebody decided about its letters since this was last asked.</summary>
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
    /// Works until <paramref name="stopping"/>, then finishes the batch in hand unless <paramref name="abandoned"/>
    /// comes first.
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
                GiveUp(lease);
        }
    }

    public void Dispose()
    {
        Lease?.Dispose();
        _interrupt.Dispose();
    }

    /// <summary>Waits for a time, a change from outside or one of the tokens; whichever comes first, it
    /// returns.</summary>
    public async Task Wait(TimeSpan delay, CancellationToken interrupt, CancellationToken other)
    {
        using var any = CancellationTokenSource.CreateLinkedTokenSource(interrupt, other);
        DateTimeOffset? until = delay == Timeout.InfiniteTimeSpan ? null : services.Time.GetUtcNow() + delay;
        // Armed before it says that it rests: who moves a clock on because it does must wake it.
        var rest = Task.Delay(delay, services.Time, any.Token);
        Progress.PauseUntil(until, interrupt);
        await rest.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Progress.Wake();
    }

    /// <summary>Returns why the work could not begin; null when it ended in order or because the lease was
    /// lost.</summary>
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
#pragma warning disable CA1031 // The top of the consumer's loop: whatever keeps it from beginning is reported, and it tries again.
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

    /// <summary>A broker that is away comes back by itself: that is told once, and needs no stack.</summary>
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
            // The host gives all leases back when it has stopped.
        }
    }

    /// <summary>Begins anew from what stands in the storage: the keeper takes or confirms the lease and says
    /// where.</summary>
    private void GiveUp(ConsumerLease lease)
    {
        Lose(lease);
        RequestLease();
    }

    /// <summary>Has it look at what changed, and try again at once what failed.</summary>
    public void Wake()
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            before = _interrupt;
            _interrupt = new CancellationTokenSource();
        }
        before.Cancel();
        Progress.Wake(before.Token); // Who was woken may rest again already.
    }
}
