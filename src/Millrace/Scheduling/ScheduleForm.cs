namespace Millrace;

/// <summary>When a schedule recurs, and what happens to times that are missed or due during a run. Immutable.</summary>
/// <param name="Cron">The cron expression.</param>
/// <param name="TimeZone">The id of the time zone of the expression.</param>
/// <param name="Missed">What happens to times at which no node was running.</param>
/// <param name="Overlapping">What happens to times that are due while the schedule is still running.</param>
public sealed record ScheduleForm(string Cron, string TimeZone, MissedRuns Missed, OverlappingRuns Overlapping);
