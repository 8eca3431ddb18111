namespace Millrace;

/// <summary>Options of a circuit breaker.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>
    /// Gets or sets the share of failures at which the circuit opens; from 0.01 to 1, 0.5 by default.
    /// </summary>
    public double FailureShare { get; set; } = 0.5;

    /// <summary>
    /// Gets or sets the minimum number of calls in <see cref="Within"/> before the circuit can open; from 2 to
    /// 1,000,000, 5 by default.
    /// </summary>
    public int MinimumCalls { get; set; } = 5;

    /// <summary>
    /// Gets or sets the time over which calls are counted; from 500 milliseconds to 1 day, 30 seconds by default.
    /// </summary>
    public TimeSpan Within { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the time for which the circuit remains open before a probe; from 500 milliseconds to 1 day, 15
    /// seconds by default.
    /// </summary>
    public TimeSpan OpenFor { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gets or sets the filter of errors that are failures of the service; null (default) for all errors. A timeout is
    /// a failure. A call that its caller cancelled is never a failure.
    /// </summary>
    public Func<Exception, bool>? Counts { get; set; }

    internal void Check(string name)
    {
        var day = TimeSpan.FromDays(1);
        var minTime = TimeSpan.FromMilliseconds(500);
        if (FailureShare is not (>= 0.01 and <= 1)
            || MinimumCalls is < 2 or > 1_000_000
            || Within < minTime
            || Within > day
            || OpenFor < minTime
            || OpenFor > day)
        {
            throw new ArgumentException(
                $"Circuit '{name}': FailureShare must be from 0.01 to 1, MinimumCalls from 2 to 1,000,000, Within and "
                + "OpenFor from 500 milliseconds to 1 day.");
        }
    }
}
