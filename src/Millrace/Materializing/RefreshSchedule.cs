namespace Millrace.Materializing;

/// <summary>Computes when a view is refreshed. Pure functions.</summary>
internal static class RefreshSchedule
{
    private const int DurationsPerInterval = 10; // A refresh takes at most a tenth of the time.
    private const int MaxDoublings = 8;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Returns the interval of a scheduled refresh: the time in which the view is read
    /// <see cref="ViewRefresh.ReadsPerRefresh"/> times, but never less than ten times the duration of the last refresh.
    /// </summary>
    public static TimeSpan IntervalOf(ViewRefresh policy, double readsPerMinute, TimeSpan lastDuration)
    {
        var wanted = readsPerMinute <= 0
            ? policy.MaxInterval
            : Min(policy.MaxInterval, policy.ReadsPerRefresh / readsPerMinute);
        var affordable = lastDuration * DurationsPerInterval;
        wanted = wanted < affordable ? affordable : wanted;
        return wanted < policy.MinInterval ? policy.MinInterval
            : wanted > policy.MaxInterval ? policy.MaxInterval
            : wanted;
    }

    /// <summary>Returns the pause after failed refreshes in a row.</summary>
    public static TimeSpan RetryDelayAfter(int failures)
    {
        if (failures <= 0)
            return TimeSpan.Zero;
        var delay = FirstRetryDelay * Math.Pow(2, Math.Min(failures - 1, MaxDoublings));
        return delay < MaxRetryDelay ? delay : MaxRetryDelay;
    }

    // The quotient can be larger than a TimeSpan.
    private static TimeSpan Min(TimeSpan limit, double minutes) =>
        minutes >= limit.TotalMinutes ? limit : TimeSpan.FromMinutes(minutes);
}
