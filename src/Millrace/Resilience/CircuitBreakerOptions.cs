namespace Millrace;

/// <summary>When a circuit breaker opens, and for how long.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Above which share of failures it opens; from 0.01 to 1, 0.5 by default.</summary>
    public double FailureShare { get; set; } = 0.5;

    /// <summary>How many calls there must have been in <see cref="Within"/> for it to open; from 2 to 1,000,000, 5 by
    /// default.</summary>
    public int MinimumCalls { get; set; } = 5;

    /// <summary>The time over which calls are counted; from 500 milliseconds to 1 day, 30 seconds by default.</summary>
    public TimeSpan Within { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it stays open before it is probed; from 500 milliseconds to 1 day, 15 seconds by
    /// default.</summary>
    public TimeSpan OpenFor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Which errors count as failures of the service; null (default) for all. Time-outs count; a call that its
    /// caller cancelled never does.</summary>
    public Func<Exception, bool>? Counts { get; set; }

    internal void Check(string name)
    {
        var day = TimeSpan.FromDays(1);
        var least = TimeSpan.FromMilliseconds(500);
        if (FailureShare is not (>= 0.01 and <= 1)
            || MinimumCalls is < 2 or > 1_000_000
            || Within < least
            || Within > day
            || OpenFor < least
            || OpenFor > day)
        {
            throw new ArgumentException(
                $"Circuit '{name}': FailureShare is from 0.01 to 1, MinimumCalls from 2 to 1,000,000, Within and "
                    + $"OpenFor from 500 "
                + "milliseconds to 1 day.");
        }
    }
}
