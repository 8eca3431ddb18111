namespace Millrace;

/// <summary>How long who waits for a lock pauses before it asks again, and how long others are left to ask.</summary>
internal static class LockRetryDelays
{
    private const int Part = 8;
    private static readonly TimeSpan MinDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>How long it may take to ask.</summary>
    private static readonly TimeSpan Asking = TimeSpan.FromMilliseconds(40);

    /// <summary>How long to pause: the longer, the longer one has had the lock.</summary>
    /// <param name="held">For how long the same one has been seen to hold it.</param>
    public static TimeSpan DelayWhenHeldFor(TimeSpan held)
    {
        var part = held / Part;
        return part < MinDelay ? MinDelay : part > MaxDelay ? MaxDelay : part;
    }

    /// <summary>How long a lock is left alone so that who waits for it elsewhere asks at least once
    /// meanwhile.</summary>
    /// <param name="held">For how long the last one has had it, as others see that at the most.</param>
    public static TimeSpan YieldAfter(TimeSpan held) => DelayWhenHeldFor(held) + Asking;
}
