namespace Millrace;

/// <summary>Options for the audit of the log.</summary>
public sealed class LogAuditOptions
{
    /// <summary>
    /// Gets or sets the interval between checks; from 100 milliseconds to 1 hour, 1 second by default.
    /// </summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Gets or sets the maximum number of events in one check; from 100 to 1,000,000, 20,000 by default. If the log has
    /// grown by more events, the audit skips and counts the oldest of these events.
    /// </summary>
    public int MaxEventsPerLook { get; set; } = 20_000;

    /// <summary>
    /// Gets or sets the maximum number of streams whose versions are remembered between checks; from 100 to 10,000,000,
    /// 50,000 by default. If there are more streams, the audit forgets all versions, and each stream starts again with
    /// its next event.
    /// </summary>
    public int MaxStreams { get; set; } = 50_000;

    /// <summary>
    /// Gets or sets the interval at which the last checked event is checked again, even if the log has not grown; from
    /// 1 second to 1 day, 10 seconds by default.
    /// </summary>
    public TimeSpan LookBackEvery { get; set; } = TimeSpan.FromSeconds(10);

    internal LogAuditOptions Copy() => (LogAuditOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (Every < TimeSpan.FromMilliseconds(100) || Every > TimeSpan.FromHours(1))
            yield return $"Every: must be from 100 milliseconds to 1 hour, but is {Every}.";
        if (MaxEventsPerLook is < 100 or > 1_000_000)
            yield return $"MaxEventsPerLook: must be from 100 to 1,000,000, but is {MaxEventsPerLook:N0}.";
        if (MaxStreams is < 100 or > 10_000_000)
            yield return $"MaxStreams: must be from 100 to 10,000,000, but is {MaxStreams:N0}.";
        if (LookBackEvery < TimeSpan.FromSeconds(1) || LookBackEvery > TimeSpan.FromDays(1))
            yield return $"LookBackEvery: must be from 1 second to 1 day, but is {LookBackEvery}.";
    }
}
