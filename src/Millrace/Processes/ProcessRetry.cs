namespace Millrace;

/// <summary>How often and after which pauses a step is tried again.</summary>
internal sealed record ProcessRetry(int Attempts, TimeSpan Delay, TimeSpan MaxDelay)
{
    public static ProcessRetry Default { get; } = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>The pause after a number of failures, from 1. Without chance, so that what was simulated is found
    /// again.</summary>
    public TimeSpan After(int failures)
    {
        var delay = Delay * Math.Pow(2, Math.Min(failures - 1, 20));
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
