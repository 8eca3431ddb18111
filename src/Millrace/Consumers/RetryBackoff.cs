namespace Millrace;

/// <summary>
/// How long to pause before an attempt: doubled each time up to a limit, with up to a fifth more or less so that nodes
/// do not march in step.
/// </summary>
internal sealed class RetryBackoff(TimeSpan first, TimeSpan most, Random random)
{
    private const int MaxDoublings = 30;

    /// <summary>The pause after a number of failed attempts, from 1.</summary>
    public TimeSpan DelayAfter(int failures)
    {
        var doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, MaxDoublings));
        var bounded = Math.Min(doubled, most.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(bounded * (0.8 + (random.NextDouble() * 0.4)));
    }
}
