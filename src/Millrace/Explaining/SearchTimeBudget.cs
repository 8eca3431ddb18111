namespace Millrace.Explaining;

/// <summary>
/// The time that a search may take, without the time for which it waits for other searches. Several threads can read it
/// while the time is measured.
/// </summary>
internal sealed class SearchTimeBudget(TimeProvider time, TimeSpan limit)
{
    private TimeSpan _spent;
    private long? _startedAt;

    /// <summary>Gets whether the time limit has expired.</summary>
    public bool IsOver => Spent >= limit;

    private TimeSpan Spent => _startedAt is { } startedAt ? _spent + time.GetElapsedTime(startedAt) : _spent;

    /// <summary>Starts or continues the measurement of time.</summary>
    public void Start() => _startedAt ??= time.GetTimestamp();

    /// <summary>Stops the measurement of time, for example while other searches run.</summary>
    public void Pause()
    {
        _spent = Spent;
        _startedAt = null;
    }
}
