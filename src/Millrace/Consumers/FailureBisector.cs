namespace Millrace;

/// <summary>
/// Narrows a failure down to one event: what comes before it is finished first, then it alone is tried until it passes.
/// Pure.
/// </summary>
internal sealed class FailureBisector
{
    private long? _culprit;
    private int _failures;

    /// <summary>The last position of the next batch; null when it need not end anywhere.</summary>
    public long? Until { get; private set; }

    /// <summary>Whether it is known which event fails.</summary>
    public bool HasCulprit => _culprit is not null;

    /// <summary>Whether something has failed and not passed yet.</summary>
    public bool IsSearching => _failures > 0 || Until is not null;

    /// <summary>
    /// The event at a position failed; all up to <paramref name="done"/> is done. True when it is next, and a pause is
    /// due.
    /// </summary>
    public bool Found(long culprit, long done)
    {
        if (_culprit != culprit)
            _failures = 0;
        _culprit = culprit;
        Until = culprit - 1 > done ? culprit - 1 : culprit;
        return Until == culprit;
    }

    /// <summary>Something between two positions failed. True when it cannot be narrowed down any more, and a pause is
    /// due.</summary>
    public bool Halve(long done, long reached)
    {
        var count = reached - done;
        Until = count > 1 ? done + (count / 2) : null;
        return count <= 1;
    }

    /// <summary>Counts a failed attempt after which a pause is made.</summary>
    public int Failed() => ++_failures;

    /// <summary>Everything up to a position is committed. True when that ends the search.</summary>
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
        (_culprit, _failures, Until) = (null, 0, null);
        return hadFailed;
    }
}
