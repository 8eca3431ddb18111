namespace Millrace;

/// <summary>How many dead letters are decided about at once.</summary>
public sealed record DeadLetterReplayOptions
{
    /// <summary>The most letters a second, also for a moment; null (default) for as fast as it goes.</summary>
    public double? MaxPerSecond { get; init; }

    /// <summary>
    /// Above which share of failures to stop, from 0 to 1; null (default) for not looking at outcomes. It is looked at
    /// after each <see cref="Step"/>, whose outcomes are waited for.
    /// </summary>
    public double? StopAtErrorShare { get; init; }

    /// <summary>How many letters are released before outcomes are looked at; from 1 to 1,000, 50 by default.</summary>
    public int Step { get; init; } = 50;

    /// <summary>The most letters in all; from 1, 100,000 by default.</summary>
    public int Limit { get; init; } = 100_000;

    /// <summary>How long to wait for the outcomes of a step; from 1 second to 1 hour, 1 minute by default.</summary>
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
