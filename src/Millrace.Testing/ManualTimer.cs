namespace Millrace.Testing;

/// <summary>A timer of a <see cref="ManualTimeProvider"/>.</summary>
internal sealed class ManualTimer(ManualTimeProvider time, TimerCallback callback, object? state) : ITimer
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    private TimeSpan _period = Never;
    private bool _isDisposed;

    /// <summary>Gets or sets when the timer fires. Only the clock sets this property.</summary>
    public DateTimeOffset Due { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_isDisposed)
            return false;
        _period = period;
        time.Arm(this, dueTime);
        return true;
    }

    public void Fire()
    {
        if (_isDisposed)
            return;
        if (_period > TimeSpan.Zero)
            time.Arm(this, _period);
        callback(state);
    }

    public void Dispose()
    {
        _isDisposed = true;
        time.Arm(this, Never);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
