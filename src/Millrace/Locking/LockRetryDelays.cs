namespace Millrace.Locking;

/// <summary>Computes the delays between requests for a lock, and the waits that let other programs go first.</summary>
internal static class LockRetryDelays
{
    private const int HeldTimeDivisor = 8;
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>The assumed duration of a request.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// Returns the delay before the next request. The delay increases with the time for which the lock has been held.
    /// </summary>
    /// <param name="heldTime">The time for which the caller has seen the same holder.</param>
    public static TimeSpan DelayWhenHeldFor(TimeSpan heldTime)
    {
        var delay = heldTime / HeldTimeDivisor;
        return delay < MinDelay ? MinDelay : delay > MaxDelay ? MaxDelay : delay;
    }

    /// <summary>
    /// Returns the time to wait before a request, so that callers in other programs can request the lock at least once.
    /// </summary>
    /// <param name="heldTime">The maximum time for which other callers can have seen the last holder.</param>
    public static TimeSpan YieldAfter(TimeSpan heldTime) => DelayWhenHeldFor(heldTime) + RequestTime;
}
