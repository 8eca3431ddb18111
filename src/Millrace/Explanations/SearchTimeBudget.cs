namespace Millrace;

/// <summary>How long an explanation may search, beside waiting for its turn. Safe to ask from several threads while it
/// counts.</summary>
internal sealed class SearchTimeBudget(TimeProvider time, TimeSpan limit)
{
    private TimeSpan _spent;
    private long? _began;

    /// <summary>Whether the time has passed.</summary>
    public bool IsOver => Spent >= limit;

    private TimeSpan Spent => _began is { } began ? _spent + time.GetElapsedTime(began) : _spent;

    /// <summary>Begins to count, or goes on.</summary>
    public void Start() => _began ??= time.GetTimestamp();

    /// <summary>Stops counting, as while others have the turn.</summary>
    public void Pause() => (_spent, _began) = (Spent, null);
}
