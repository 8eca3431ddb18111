using Millrace.Messaging;

namespace Millrace.Redis.Retries;

/// <summary>
/// Decides whether too many messages wait, so that no further ones are taken. Messages in flight may still be added, so
/// the maximum can be exceeded by their number. If retries are not kept any more, nothing new is taken while any
/// message waits.
/// </summary>
internal sealed class RetryBackpressure(RetryLimits? limits, string group)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _full = new(StringComparer.Ordinal);
    // Includes the first message, behind which the others wait.
    private readonly int _mostOfKey = Math.Max(1, limits?.PerKey ?? int.MaxValue);
    private long _totalCount;
    private volatile string? _reason = limits is null ? ReasonForLeftovers(group) : null;

    /// <summary>Gets why no messages are taken; null if they are.</summary>
    public string? Reason => _reason;

    /// <summary>Gets a key with too many waiting messages; empty if there is none.</summary>
    public string Asked
    {
        get
        {
            lock (_lock)
                return _full.Keys.FirstOrDefault("");
        }
    }

    /// <summary>Records one more waiting message.</summary>
    public void Note(string key, long ofKey, long total)
    {
        lock (_lock)
        {
            if (ofKey > _mostOfKey)
                _full[key] = ofKey;
            _totalCount = total;
            UpdateReason();
        }
    }

    /// <summary>Updates the numbers; returns true if a stall has ended.</summary>
    public bool Look(string asked, long ofKey, long total)
    {
        lock (_lock)
        {
            var before = _reason;
            if (ofKey <= _mostOfKey)
                _full.Remove(asked);
            _totalCount = total;
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
                    + $"'{group}', which allows {limits.PerKey:N0}: it continues when they are handled."
                : _totalCount >= limits.Total
                    ? $"{_totalCount:N0} messages wait in the queue of retries of '{group}', which allows "
                        + $"{limits.Total:N0}: it continues when some are handled."
                    : null;

    private static string ReasonForLeftovers(string group) =>
        $"messages wait in the queue of retries of '{group}', which is not used any more: it continues with new "
            + "messages when these are handled.";
}
