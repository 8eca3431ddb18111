using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>
/// Whether so many messages wait that no further ones are to be taken. Those in hand may still join: so it may become
/// more by what is in hand. Where none are kept any more, nothing new is taken while anything waits, from the start.
/// </summary>
internal sealed class RetryBackpressure(RetryLimits? limits, string group)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _full = new(StringComparer.Ordinal);
    // With the first, behind which they wait.
    private readonly int _mostOfKey = Math.Max(1, limits?.PerKey ?? int.MaxValue);
    private long _totalCount;
    private volatile string? _reason = limits is null ? ReasonForLeftovers(group) : null;

    /// <summary>Why none are taken; null when they are.</summary>
    public string? Reason => _reason;

    /// <summary>A key of which too many wait; empty when there is none.</summary>
    public string Asked
    {
        get
        {
            lock (_lock)
                return _full.Keys.FirstOrDefault("");
        }
    }

    /// <summary>One more waits.</summary>
    public void Note(string key, long ofKey, long inAll)
    {
        lock (_lock)
        {
            if (ofKey > _mostOfKey)
                _full[key] = ofKey;
            _totalCount = inAll;
            UpdateReason();
        }
    }

    /// <summary>So many wait by now; true when a stall is over.</summary>
    public bool Look(string asked, long ofKey, long inAll)
    {
        lock (_lock)
        {
            var before = _reason;
            if (ofKey <= _mostOfKey)
                _full.Remove(asked);
            _totalCount = inAll;
            UpdateReason();
            return before is not null && _reason is null;
        }
    }

    private void UpdateReason() =>
        _reason = limits is null
            ? _totalCount > 0
                ? ReasonForLeftovers(group)
                : null
            : _full.Count > 0
                ? $"{_full.First().Value - 1:N0} messages wait behind one of their key in the queue of retries of "
                    + $"'{group}', and "
                    + $"{limits.PerKey:N0} are the most: it goes on when they are handled."
                : _totalCount >= limits.InAll
                    ? $"{_totalCount:N0} messages wait in the queue of retries of '{group}', and {limits.InAll:N0} "
                        + $"are the most: it goes on when "
                        + "some are handled."
                    : null;

    private static string ReasonForLeftovers(string group) =>
        $"messages wait in the queue of retries of '{group}', where none are kept any more: it goes on with new ones "
            + $"when those are "
        + "handled.";
}
