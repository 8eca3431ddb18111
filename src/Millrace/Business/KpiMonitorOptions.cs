namespace Millrace;

/// <summary>The options of the monitor of business figures.</summary>
public sealed class KpiMonitorOptions
{
    /// <summary>The maximum of <see cref="MaxMembers"/>.</summary>
    public const int MaxMaxMembers = 40;

    private const int HoursOfDay = 24;

    /// <summary>
    /// Gets or sets the interval at which one node looks for complete hours and due reports; from 1 second to 10
    /// minutes, 1 minute by default.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets how long after its end an hour is examined; from 0 to 1 day, 10 minutes by default. If an event
    /// arrives later, the whole history is examined again, without notices.
    /// </summary>
    public TimeSpan LateEvents { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Gets or sets the number of members of the first dimension that are examined separately, the largest ones with at
    /// least one event a day; from 0 to 40, 10 by default.
    /// </summary>
    public int MaxMembers { get; set; } = 10;

    /// <summary>
    /// Gets or sets the channels of <c>UseAlerts</c> that receive new anomalies; none by default.
    /// </summary>
    public IReadOnlyList<string> AlertChannels { get; set; } = [];

    /// <summary>
    /// Gets or sets the channels of <c>UseAlerts</c> that receive the weekly report, such as a channel of
    /// <c>AddMail</c>; none by default, which means no report.
    /// </summary>
    public IReadOnlyList<string> ReportChannels { get; set; } = [];

    /// <summary>Gets or sets the day on which the report about the last week is sent; Monday by default.</summary>
    public DayOfWeek ReportDay { get; set; } = DayOfWeek.Monday;

    /// <summary>Gets or sets the hour of the day at which the report is sent; from 0 to 23, 7 by default.</summary>
    public int ReportHour { get; set; } = 7;

    /// <summary>Gets or sets the time zone of days, weeks and <see cref="ReportHour"/>; UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    internal KpiMonitorOptions Copy()
    {
        var copy = (KpiMonitorOptions)MemberwiseClone();
        (copy.AlertChannels, copy.ReportChannels) = ([.. AlertChannels], [.. ReportChannels]);
        return copy;
    }

    internal IEnumerable<string> Problems()
    {
        if (Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromMinutes(10))
            yield return $"Interval: must be from 1 second to 10 minutes, but is {Interval}.";
        if (LateEvents < TimeSpan.Zero || LateEvents > TimeSpan.FromDays(1))
            yield return $"LateEvents: must be from 0 to 1 day, but is {LateEvents}.";
        if (MaxMembers is < 0 or > MaxMaxMembers)
            yield return $"MaxMembers: must be from 0 to {MaxMaxMembers}, but is {MaxMembers}.";
        if (AlertChannels is null || AlertChannels.Any(string.IsNullOrWhiteSpace))
            yield return "AlertChannels: must be names of channels.";
        if (ReportChannels is null || ReportChannels.Any(string.IsNullOrWhiteSpace))
            yield return "ReportChannels: must be names of channels.";
        if (!Enum.IsDefined(ReportDay))
            yield return "ReportDay: must be a day of the week.";
        if (ReportHour is < 0 or >= HoursOfDay)
            yield return $"ReportHour: must be from 0 to 23, but is {ReportHour}.";
        if (TimeZone is null)
            yield return "TimeZone: must be set.";
    }
}
