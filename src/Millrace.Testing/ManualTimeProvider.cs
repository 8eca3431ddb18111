namespace Millrace.Testing;

/// <summary>
/// A clock that advances only when a test calls <see cref="Advance"/>. During the call, timers fire in the order of
/// their due times.
/// </summary>
/// <remarks>
/// Thread-safe. Timer callbacks run on the thread that calls <see cref="Advance"/>. Before a test advances the clock,
/// it can call <see cref="WaitForTimers"/> to make sure that the tested code is waiting.
/// </remarks>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _now;

    /// <summary>Creates a clock that starts on the first day of 2024, or at another time.</summary>
    public ManualTimeProvider(DateTimeOffset? start = null) =>
        _now = (start ?? new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero)).ToUniversalTime();

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Gets the number of armed timers.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_lock)
                return _timers.Count;
        }
    }

    /// <summary>Gets when the next timer fires, or null if no timer is armed.</summary>
    internal DateTimeOffset? FirstDue
    {
        get
        {
            lock (_lock)
                return _timers.Count == 0 ? null : _timers.Min(timer => timer.Due);
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Advances the clock. Each timer fires when the clock reaches its due time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        var end = GetUtcNow() + by;
        while (NextDue(end) is { } timer)
            timer.Fire();
    }

    /// <summary>
    /// Sets the clock to an earlier or later time, like the correction of a computer's clock. No timer fires.
    /// </summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_lock)
            _now = now.ToUniversalTime();
    }

    /// <summary>Waits until at least the given number of timers is armed.</summary>
    public async Task WaitForTimers(int count, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task armed;
            lock (_lock)
            {
                if (_timers.Count >= count)
                    return;
                armed = _armed.Task;
            }
            await armed.WaitAsync(cancellationToken);
        }
    }

    internal void Arm(ManualTimer timer, TimeSpan due)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
            if (due < TimeSpan.Zero)
                return;
            timer.Due = _now + due;
            _timers.Add(timer);
            _armed.TrySetResult();
            _armed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (due == TimeSpan.Zero)
            Advance(TimeSpan.Zero);
    }

    /// <summary>
    /// Removes and returns the timer with the earliest due time, and sets the clock to that time. If no timer is due
    /// until the end, the method sets the clock to the end and returns null.
    /// </summary>
    private ManualTimer? NextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            var next = _timers.MinBy(timer => timer.Due);
            if (next is null || next.Due > end)
            {
                _now = end > _now ? end : _now;
                return null;
            }
            _now = next.Due > _now ? next.Due : _now;
            _timers.Remove(next);
            return next;
        }
    }
}
