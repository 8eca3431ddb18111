using Millrace.Messaging;

namespace Millrace.Redis.Retries;

/// <summary>
/// Decides whether too many messages wait in the queue. If so, no further messages are taken. Messages in flight may
/// still be added, so the maximum can be exceeded by their number. If the group no longer keeps retries, no new message
/// is taken while any message waits.
/// </summary>
internal sealed class RetryBackpressure(RetryLimits? limits, string group)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _fullKeys = new(StringComparer.Ordinal);
    // Includes the failed message, behind which the others wait.
    private readonly int _maxPerKey = Math.Max(1, limits?.PerKey ?? int.MaxValue);
    private long _totalCount;
    private volatile string? _reason = limits is null ? ReasonForLeftovers(group) : null;

    /// <summary>Gets why no messages are taken; null if messages are taken.</summary>
    public string? Reason => _reason;

    /// <summary>Gets a key with too many waiting messages; empty if there is none.</summary>
    public string FullKey
    {
        get
        {
            lock (_lock)
                return _fullKeys.Keys.FirstOrDefault("");
        }
    }

    /// <summary>Records one more waiting message.</summary>
    public void Note(string key, long countOfKey, long total)
    {
        lock (_lock)
        {
            if (countOfKey > _maxPerKey)
                _fullKeys[key] = countOfKey;
            _totalCount = total;
            UpdateReason();
        }
    }

    /// <summary>Updates the numbers; returns true if a stall has ended.</summary>
    public bool Update(string key, long countOfKey, long total)
    {
        lock (_lock)
        {
            var before = _reason;
            if (countOfKey <= _maxPerKey)
                _fullKeys.Remove(key);
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
            : _fullKeys.Count > 0
                ? $"{_fullKeys.First().Value - 1:N0} messages wait behind one of their key in the queue of retries of "
                    + $"'{group}', which allows {limits.PerKey:N0}: it continues when they are handled."
                : _totalCount >= limits.Total
                    ? $"{_totalCount:N0} messages wait in the queue of retries of '{group}', which allows "
                        + $"{limits.Total:N0}: it continues when some are handled."
                    : null;

    private static string ReasonForLeftovers(string group) =>
        $"messages wait in the queue of retries of '{group}', which is not used any more: it continues with new "
            + "messages when these are handled.";
}
