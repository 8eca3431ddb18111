namespace Millrace;

/// <summary>
/// The times of a schedule, and the actions for times that are missed or due during a run. Immutable.
/// </summary>
/// <param name="Cron">The cron expression.</param>
/// <param name="TimeZone">The id of the time zone of the expression.</param>
/// <param name="Missed">The action for times at which no node was running.</param>
/// <param name="Overlapping">The action for times that are due while the schedule is still running.</param>
public sealed record ScheduleForm(string Cron, string TimeZone, MissedRuns Missed, OverlappingRuns Overlapping);
