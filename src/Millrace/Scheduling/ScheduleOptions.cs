namespace Millrace;

/// <summary>Options for a schedule. They are read when the application starts; later changes have no effect.</summary>
public sealed class ScheduleOptions
{
    /// <summary>Gets or sets the time zone of the cron expression; UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>
    /// Gets or sets the action for times at which no node was running. By default the schedule runs once for all of
    /// them.
    /// </summary>
    public MissedRuns Missed { get; set; } = MissedRuns.Once;

    /// <summary>
    /// Gets or sets the action for times that are due while the schedule is still running. By default they are skipped.
    /// </summary>
    public OverlappingRuns Overlapping { get; set; } = OverlappingRuns.Skip;
}
