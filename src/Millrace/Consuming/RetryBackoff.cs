namespace Millrace.Consuming;

/// <summary>
/// The delay before an attempt: doubled each time up to a limit, and varied by up to a fifth so that nodes do not retry
/// in step.
/// </summary>
internal sealed class RetryBackoff(TimeSpan first, TimeSpan max, Random random)
{
    private const int MaxDoublings = 30;

    /// <summary>Returns the delay after a number of failed attempts, from 1.</summary>
    public TimeSpan DelayAfter(int failures)
    {
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings));
        var bounded = Math.Min(doubled, max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bounded * (0.8 + (random.NextDouble() * 0.4)));
    }
}
