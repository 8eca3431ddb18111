using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>
/// Whether so many messages wait that no further ones are to be taken. Those in hand may still join: so it may become more by what is in
/// hand. Where none are kept any more, nothing new is taken while anything waits, from the start.
/// </summary>
internal sealed class RetryStall(RetryLimits? limits, string group)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _full = new(StringComparer.Ordinal);
    private readonly int _mostOfKey = Math.Max(1, limits?.PerKey ?? int.MaxValue); // With the first, behind which they wait.
    private long _inAll;
    private volatile string? _reason = limits is null ? OfLeft(group) : null;

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
            _inAll = inAll;
            Tell();
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
            _inAll = inAll;
            Tell();
            return before is not null && _reason is null;
        }
    }

    private void Tell() => _reason = limits is null
        ? _inAll > 0 ? OfLeft(group) : null
        : _full.Count > 0
            ? $"{_full.First().Value - 1:N0} messages wait behind one of their key in the queue of retries of '{group}', and "
                + $"{limits.PerKey:N0} are the most: it goes on when they are handled."
            : _inAll >= limits.InAll
                ? $"{_inAll:N0} messages wait in the queue of retries of '{group}', and {limits.InAll:N0} are the most: it goes on when "
                    + "some are handled."
                : null;

    private static string OfLeft(string group) =>
        $"messages wait in the queue of retries of '{group}', where none are kept any more: it goes on with new ones when those are "
        + "handled.";
}
