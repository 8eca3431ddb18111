namespace Millrace.Consuming;

/// <summary>
/// Narrows a failure down to one event. The earlier events are finished first, and the event is then retried alone
/// until it succeeds. This class uses neither the store nor the clock.
/// </summary>
internal sealed class FailureBisector
{
    private long? _culprit;
    private int _failures;

    /// <summary>Gets the last position of the next batch; null if the batch is not limited.</summary>
    public long? Until { get; private set; }

    /// <summary>Gets whether the failing event is known.</summary>
    public bool HasCulprit => _culprit is not null;

    /// <summary>Gets whether a failure has not been resolved yet.</summary>
    public bool IsSearching => _failures > 0 || Until is not null;

    /// <summary>
    /// Records that the event at a position failed, and that all events up to <paramref name="done"/> are finished.
    /// Returns true if the failed event is next, so that a delay is due.
    /// </summary>
    public bool Found(long culprit, long done)
    {
        if (_culprit != culprit)
            _failures = 0;
        _culprit = culprit;
        Until = culprit - 1 > done ? culprit - 1 : culprit;
        return Until == culprit;
    }

    /// <summary>
    /// Records that an event between two positions failed. Returns true if the range cannot be narrowed down further,
    /// so that a delay is due.
    /// </summary>
    public bool Halve(long done, long reached)
    {
        var count = reached - done;
        Until = count > 1 ? done + (count / 2) : null;
        return count <= 1;
    }

    /// <summary>Counts a failed attempt that is followed by a delay.</summary>
    public int Failed() => ++_failures;

    /// <summary>
    /// Records that everything up to a position is committed. Returns true if this ends a search with failed attempts.
    /// </summary>
    public bool Passed(long position)
    {
        if (!IsSearching)
            return false;
        if (_culprit is { } culprit && position < culprit)
        {
            Until = position >= culprit - 1 ? culprit : culprit - 1;
            return false;
        }
        var hadFailed = _failures > 0;
        _culprit = null;
        _failures = 0;
        Until = null;
        return hadFailed;
    }
}
