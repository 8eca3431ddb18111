namespace Millrace;

/// <summary>How the log is audited while it grows.</summary>
public sealed class LogAuditOptions
{
    /// <summary>How often this node looks; from 100 milliseconds to 1 hour, 1 second by default.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The most events looked at in one look; from 100 to 1,000,000, 20,000 by default. Where the log has grown by
    /// more, the older of them are passed over and counted.
    /// </summary>
    public int MaxEventsPerLook { get; set; } = 20_000;

    /// <summary>
    /// The most streams whose versions are remembered from look to look; from 100 to 10,000,000, 50,000 by default.
    /// Beyond it they are forgotten, and begin anew with the next event of each.
    /// </summary>
    public int MaxStreams { get; set; } = 50_000;

    /// <summary>
    /// How often the last event that was looked at is looked at again, also where the log has not grown, to see that it
    /// still stands there; from 1 second to 1 day, 10 seconds by default.
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
