namespace Millrace.Explaining;

/// <summary>
/// The time that a search may take, without waiting for other searches. Can be read from several threads while it
/// counts.
/// </summary>
internal sealed class SearchTimeBudget(TimeProvider time, TimeSpan limit)
{
    private TimeSpan _spent;
    private long? _startedAt;

    /// <summary>Gets whether the time has passed.</summary>
    public bool IsOver => Spent >= limit;

    private TimeSpan Spent => _startedAt is { } startedAt ? _spent + time.GetElapsedTime(startedAt) : _spent;

    /// <summary>Starts or continues counting.</summary>
    public void Start() => _startedAt ??= time.GetTimestamp();

    /// <summary>Stops counting, for example while other searches run.</summary>
    public void Pause()
    {
        _spent = Spent;
        _startedAt = null;
    }
}
