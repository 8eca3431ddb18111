namespace Millrace;

/// <summary>When a schedule recurs, and what becomes of times that are missed or come while it runs.
/// Immutable.</summary>
/// <param name="Cron">When it recurs.</param>
/// <param name="TimeZone">The zone whose clock that is told by.</param>
/// <param name="Missed">What becomes of times at which nobody was there.</param>
/// <param name="Overlapping">What becomes of times that come while it still runs.</param>
public sealed record ScheduleForm(string Cron, string TimeZone, MissedRuns Missed, OverlappingRuns Overlapping);
