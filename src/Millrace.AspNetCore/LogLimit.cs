namespace Millrace.AspNetCore;

/// <summary>Permits a message once a minute, so that a failure of many requests does not fill the log.</summary>
internal sealed class LogLimit(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _last;

    /// <summary>Returns true if the message may be logged now.</summary>
    public bool Allows()
    {
        lock (_lock)
        {
            if (_last is { } last && time.GetElapsedTime(last) < Interval)
                return false;
            _last = time.GetTimestamp();
            return true;
        }
    }
}
