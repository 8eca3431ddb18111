namespace Millrace.ProcessManagers;

/// <summary>The number of attempts of a step, and the pauses between them.</summary>
internal sealed record ProcessRetry(int Attempts, TimeSpan Delay, TimeSpan MaxDelay)
{
    public static ProcessRetry Default { get; } = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>
    /// Returns the pause after a number of failures, from 1. The pause is not random, so that simulations are
    /// reproducible.
    /// </summary>
    public TimeSpan After(int failures)
    {
        var delay = Delay * Math.Pow(2, Math.Min(failures - 1, 20));
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
