namespace Millrace;

/// <summary>
/// How far a consumer is and how it fares. Written by the consumer, read by everybody, waited on by readers of its read
/// model.
/// </summary>
internal sealed class ConsumerProgress(TimeProvider time)
{
    // Clocks take no wait of months at once: who waits for so long looks again in between.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _moved;
    private TaskCompletionSource? _changed;
    private DateTimeOffset? _restsUntil;
    private CancellationToken _restInterrupt;
    private long _position;
    private long _movedAt;
    private ConsumerState _state;
    private DateTimeOffset _stateSince = time.GetUtcNow();
    private DateTimeOffset _standsSince = time.GetUtcNow();
    private ConsumerProblem? _problem;
    private DateTimeOffset? _recordedAt;

    /// <summary>The last position whose effects can be read.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>What it is doing, by its own word.</summary>
    public ConsumerState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>What it is doing by its own word, since when, and what keeps it from getting on: as all of it was at
    /// one moment.</summary>
    public (ConsumerState State, DateTimeOffset Since, ConsumerProblem? Problem) Own
    {
        get
        {
            lock (_lock)
                return (_state, _stateSince, _problem);
        }
    }

    /// <summary>Since when its position has stood still.</summary>
    public DateTimeOffset StalledSince
    {
        get
        {
            lock (_lock)
                return _standsSince;
        }
    }

    /// <summary>When the last event it has handled was recorded.</summary>
    public DateTimeOffset? RecordedAt
    {
        get
        {
            lock (_lock)
                return _recordedAt;
        }
    }

    /// <summary>
    /// Until when it waits, with nothing to do before: the end of time when only an event or a decision wakes it. Null
    /// while it works.
    /// </summary>
    public DateTimeOffset? PausedUntil
    {
        get
        {
            lock (_lock)
                return _restsUntil;
        }
    }

    /// <summary>How long its position has stood still.</summary>
    public TimeSpan StalledTime => time.GetElapsedTime(Interlocked.Read(ref _movedAt));

    /// <summary>The shorter of a wait and the time until something is due, which may be nothing.</summary>
    public static TimeSpan Shorter(TimeSpan wait, DateTimeOffset? due, DateTimeOffset now)
    {
        if (due is not { } at)
            return wait;
        var left = at > now ? at - now : TimeSpan.Zero;
        left = left < MaxWait ? left : MaxWait;
        return wait == Timeout.InfiniteTimeSpan || left < wait ? left : wait;
    }

    /// <summary>Sets the position, backwards too.</summary>
    public void MoveTo(long position, DateTimeOffset? recordedAt = null)
    {
        lock (_lock)
        {
            if (recordedAt is not null)
                _recordedAt = recordedAt;
            if (position == _position)
                return;
            Interlocked.Exchange(ref _position, position);
            Interlocked.Exchange(ref _movedAt, time.GetTimestamp());
            _standsSince = time.GetUtcNow();
            _moved?.TrySetResult();
            _moved = null;
            Change();
        }
    }

    /// <summary>Notes that it waits; not when something has happened meanwhile that it has not looked at.</summary>
    public void PauseUntil(DateTimeOffset? until, CancellationToken interrupt)
    {
        lock (_lock)
        {
            if (interrupt.IsCancellationRequested)
                return;
            (_restsUntil, _restInterrupt) = (until ?? DateTimeOffset.MaxValue, interrupt);
            Change();
        }
    }

    /// <summary>Notes that it works, or has something to look at.</summary>
    public void Wake()
    {
        lock (_lock)
            WakeLocked();
    }

    /// <summary>Notes that it has something to look at, if it still waits with the interrupt that was given
    /// then.</summary>
    public void Wake(CancellationToken interrupt)
    {
        lock (_lock)
        {
            if (_restInterrupt == interrupt)
                WakeLocked();
        }
    }

    /// <summary>Completes when it next moves, rests or wakes.</summary>
    public Task NextChange()
    {
        lock (_lock)
        {
            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _changed.Task;
        }
    }

    /// <summary>Notes that it works again, so that the time before does not count as a standstill.</summary>
    public void Start()
    {
        lock (_lock)
        {
            Interlocked.Exchange(ref _movedAt, time.GetTimestamp());
            _standsSince = time.GetUtcNow();
        }
    }

    public void Set(ConsumerState state)
    {
        lock (_lock)
        {
            Enter(state);
            if (state is ConsumerState.CatchingUp or ConsumerState.Live)
                _problem = null;
        }
    }

    public void Set(ConsumerState state, ConsumerProblem problem)
    {
        lock (_lock)
        {
            Enter(state);
            _problem = problem;
        }
    }

    /// <summary>Completes when the position moves next, unless it has reached <paramref name="position"/> already: then
    /// null.</summary>
    public Task? NextMove(long position)
    {
        lock (_lock)
        {
            if (_position >= position)
                return null;
            _moved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _moved.Task;
        }
    }

    private void WakeLocked()
    {
        if (_restsUntil is null)
            return;
        _restsUntil = null;
        Change();
    }

    private void Enter(ConsumerState state)
    {
        if (_state != state)
            (_state, _stateSince) = (state, time.GetUtcNow());
    }

    private void Change()
    {
        _changed?.TrySetResult();
        _changed = null;
    }
}
