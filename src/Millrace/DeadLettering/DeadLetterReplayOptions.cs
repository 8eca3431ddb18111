namespace Millrace;

/// <summary>Options for a decision about several dead letters.</summary>
public sealed record DeadLetterReplayOptions
{
    /// <summary>
    /// Gets the maximum number of dead letters per second, without bursts; null (default) for no limit.
    /// </summary>
    public double? MaxPerSecond { get; init; }

    /// <summary>
    /// Gets the share of failures, from 0 to 1, above which the replay stops; null (default) to ignore outcomes. It is
    /// checked after the outcomes of each <see cref="Step"/>.
    /// </summary>
    public double? StopAtErrorShare { get; init; }

    /// <summary>
    /// Gets the number of dead letters that are released before their outcomes are checked; from 1 to 1,000, 50 by
    /// default.
    /// </summary>
    public int Step { get; init; } = 50;

    /// <summary>Gets the maximum total number of dead letters; from 1, 100,000 by default.</summary>
    public int Limit { get; init; } = 100_000;

    /// <summary>
    /// Gets the time to wait for the outcomes of a step; from 1 second to 1 hour, 1 minute by default.
    /// </summary>
    public TimeSpan OutcomeTimeout { get; init; } = TimeSpan.FromMinutes(1);

    internal void Check()
    {
        if (MaxPerSecond is { } rate && rate is not (> 0 and <= 1_000_000))
            throw new ArgumentOutOfRangeException(
                nameof(MaxPerSecond), rate, "MaxPerSecond: must be above 0 and at most 1,000,000.");
        if (StopAtErrorShare is { } share && share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(
                nameof(StopAtErrorShare), share, "StopAtErrorShare: must be from 0 to 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(Step, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Step, 1_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(OutcomeTimeout, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(OutcomeTimeout, TimeSpan.FromHours(1));
    }
}
