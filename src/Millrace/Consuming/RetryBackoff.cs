namespace Millrace.Consuming;

/// <summary>
/// Computes the delay before an attempt. The delay doubles each time up to a limit, and varies randomly by up to a
/// fifth, so that nodes do not retry at the same time.
/// </summary>
/// <param name="getDelays">Returns the present delays, which can change between attempts.</param>
/// <param name="random">The source of the variation.</param>
internal sealed class RetryBackoff(Func<(TimeSpan First, TimeSpan Max)> getDelays, Random random)
{
    private const int MaxDoublings = 30;

    public RetryBackoff(TimeSpan firstDelay, TimeSpan maxDelay, Random random)
        : this(() => (firstDelay, maxDelay), random)
    {
    }

    public RetryBackoff(ConsumerOptions options, Random random)
        : this(() => (options.RetryDelay, options.MaxRetryDelay), random)
    {
    }

    /// <summary>Returns the delay after a number of failed attempts, from 1.</summary>
    public TimeSpan DelayAfter(int failures)
    {
        var (first, max) = getDelays();
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings));
        var bounded = Math.Min(doubled, max.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bounded * (0.8 + (random.NextDouble() * 0.4)));
    }
}
