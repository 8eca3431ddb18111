namespace Millrace;

/// <summary>How a schedule behaves. Read when the application starts; later changes have no effect.</summary>
public sealed class ScheduleOptions
{
    /// <summary>The zone whose clock the times are told by; UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>What becomes of times at which nobody was there; it runs once for all of them by default.</summary>
    public MissedRuns Missed { get; set; } = MissedRuns.Once;

    /// <summary>What becomes of times that come while it still runs; they are passed over by default.</summary>
    public OverlappingRuns Overlapping { get; set; } = OverlappingRuns.Skip;
}
