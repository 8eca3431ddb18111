namespace Millrace.Consuming;

/// <summary>
/// Computes the delay before an attempt. The delay doubles each time up to a limit, and varies randomly by up to a
/// fifth, so that nodes do not retry at the same time.
/// </summary>
internal sealed class RetryBackoff(TimeSpan firstDelay, TimeSpan maxDelay, Random random)
{
    private const int MaxDoublings = 30;

    /// <summary>Returns the delay after a number of failed attempts, from 1.</summary>
    public TimeSpan DelayAfter(int failures)
    {
        var doubled = firstDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings));
        var bounded = Math.Min(doubled, maxDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bounded * (0.8 + (random.NextDouble() * 0.4)));
    }
}
