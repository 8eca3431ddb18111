namespace Millrace;

/// <summary>The delays between requests for a lock, and the time left to other programs.</summary>
internal static class LockRetryDelays
{
    private const int Part = 8;
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>The time that a request may take.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromMilliseconds(40);

    /// <summary>
    /// Returns the delay before the next request. It grows with the time that the lock has been held.
    /// </summary>
    /// <param name="held">How long the same holder has been seen to hold the lock.</param>
    public static TimeSpan DelayWhenHeldFor(TimeSpan held)
    {
        var part = held / Part;
        return part < MinDelay ? MinDelay : part > MaxDelay ? MaxDelay : part;
    }

    /// <summary>
    /// Returns the time for which a lock is left alone, so that callers in other programs request it at least once.
    /// </summary>
    /// <param name="held">The longest time that other callers can have seen the last holder hold the lock.</param>
    public static TimeSpan YieldAfter(TimeSpan held) => DelayWhenHeldFor(held) + RequestTime;
}
