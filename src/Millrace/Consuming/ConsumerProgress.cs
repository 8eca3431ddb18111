namespace Millrace.Consuming;

/// <summary>
/// The current position and state of a consumer that runs on this node. The consumer writes them, and readers of its
/// read model wait for changes. A <see cref="ConsumerSnapshot"/> contains the values at one moment.
/// </summary>
internal sealed class ConsumerProgress(TimeProvider time)
{
    // Timers do not accept a delay of months. A longer wait is split.
    private static readonly TimeSpan MaxWait = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _moved;
    private TaskCompletionSource? _changed;
    private DateTimeOffset? _waitsUntil;
    private CancellationToken _waitInterrupt;
    private long _position;
    private long _movedAt;
    private ConsumerState _state;
    private DateTimeOffset _stateSince = time.GetUtcNow();
    private DateTimeOffset _movedAtTime = time.GetUtcNow();
    private ConsumerProblem? _problem;
    private DateTimeOffset? _recordedAt;

    /// <summary>Gets the last position whose effects can be read.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Gets the state that the consumer reports.</summary>
    public ConsumerState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>
    /// Gets the time until which the consumer waits; null while it works. The maximum value means that only an event or
    /// a decision wakes the consumer.
    /// </summary>
    public DateTimeOffset? PausedUntil
    {
        get
        {
            lock (_lock)
                return _waitsUntil;
        }
    }

    /// <summary>Returns a wait, or the time until <paramref name="due"/> if that is shorter.</summary>
    public static TimeSpan Shorter(TimeSpan wait, DateTimeOffset? due, DateTimeOffset now)
    {
        if (due is not { } at)
            return wait;
        var remaining = at > now ? at - now : TimeSpan.Zero;
        remaining = remaining < MaxWait ? remaining : MaxWait;
        return wait == Timeout.InfiniteTimeSpan || remaining < wait ? remaining : wait;
    }

    /// <summary>
    /// Returns the position and state. A consumer that makes no progress and has reported no error is stalled.
    /// </summary>
    /// <param name="head">The position of the end of the log.</param>
    /// <param name="stallAfter">The time without progress after which the consumer is stalled.</param>
    public ConsumerSnapshot TakeSnapshot(long head, TimeSpan stallAfter)
    {
        lock (_lock)
        {
            var isSilent = _state is ConsumerState.CatchingUp or ConsumerState.Live
                && _problem is null
                && _position < head
                && time.GetElapsedTime(_movedAt) >= stallAfter;
            return new ConsumerSnapshot
            {
                Position = _position,
                RecordedAt = _recordedAt,
                State = isSilent ? ConsumerState.Stalled : _state,
                StateSince = isSilent ? _movedAtTime : _stateSince,
                Problem = _problem,
                SilentAt = isSilent ? _position : null,
            };
        }
    }

    /// <summary>Sets the position, also to a lower one.</summary>
    public void MoveTo(long position, DateTimeOffset? recordedAt = null)
    {
        lock (_lock)
        {
            if (recordedAt is not null)
                _recordedAt = recordedAt;
            if (position == _position)
                return;
            Interlocked.Exchange(ref _position, position);
            _movedAt = time.GetTimestamp();
            _movedAtTime = time.GetUtcNow();
            _moved?.TrySetResult();
            _moved = null;
            Change();
        }
    }

    /// <summary>Records that the consumer waits. Ignored if there is an unprocessed change.</summary>
    public void PauseUntil(DateTimeOffset? until, CancellationToken interrupt)
    {
        lock (_lock)
        {
            if (interrupt.IsCancellationRequested)
                return;
            _waitsUntil = until ?? DateTimeOffset.MaxValue;
            _waitInterrupt = interrupt;
            Change();
        }
    }

    /// <summary>Records that the consumer works or has a change to process.</summary>
    public void Wake()
    {
        lock (_lock)
            WakeLocked();
    }

    /// <summary>Records that there is a change, if the consumer still waits with the given interrupt.</summary>
    public void Wake(CancellationToken interrupt)
    {
        lock (_lock)
        {
            if (_waitInterrupt == interrupt)
                WakeLocked();
        }
    }

    /// <summary>Returns a task that completes when the consumer next moves, waits or wakes.</summary>
    public Task NextChange()
    {
        lock (_lock)
        {
            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _changed.Task;
        }
    }

    /// <summary>Records that the consumer works again, so that the time before does not count as a stall.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _movedAt = time.GetTimestamp();
            _movedAtTime = time.GetUtcNow();
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

    /// <summary>
    /// Returns a task that completes when the position next moves; null if the position has reached
    /// <paramref name="position"/>.
    /// </summary>
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
        if (_waitsUntil is null)
            return;
        _waitsUntil = null;
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
