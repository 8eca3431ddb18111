using System.Text.Json;
using Millrace.Scheduling;

namespace Millrace;

/// <summary>The current state of a schedule.</summary>
/// <param name="Name">The name of the schedule.</param>
/// <param name="Cron">The cron expression.</param>
/// <param name="TimeZone">The id of the time zone of the expression.</param>
/// <param name="IsPaused">True if the schedule is paused.</param>
/// <param name="Next">The time of the next run; null while the schedule is paused, or if the expression matches no
/// future time.</param>
/// <param name="LastTime">The scheduled time of the last run; null before the first run.</param>
/// <param name="LastRunAt">The time at which the last run took place.</param>
/// <param name="Error">The last error; null if the last run succeeded.</param>
public sealed record ScheduleInfo(
    string Name,
    string Cron,
    string TimeZone,
    bool IsPaused,
    DateTimeOffset? Next,
    DateTimeOffset? LastTime,
    DateTimeOffset? LastRunAt,
    string? Error)
{
    /// <summary>Gets the action for times at which no node was running.</summary>
    public MissedRuns Missed { get; init; }

    /// <summary>Gets the action for times that are due while the schedule is still running.</summary>
    public OverlappingRuns Overlapping { get; init; }

    /// <summary>
    /// Gets the stable name of the command that a user set; null if the code creates a command for each time.
    /// </summary>
    public string? Command { get; init; }

    /// <summary>Gets the command that a user set, as JSON.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Gets the settings in the code; null if the code does not define the schedule.</summary>
    public ScheduleForm? Code { get; init; }

    /// <summary>
    /// Gets whether the schedule was added at run time, so that it runs without a definition in the code.
    /// </summary>
    public bool IsAdded { get; init; }

    /// <summary>
    /// Gets the decision of a user to edit or add the schedule; null if the schedule is as the code defines it.
    /// </summary>
    public ScheduleDecision? Edited { get; init; }

    /// <summary>Gets the decision of a user to remove the schedule; null if the schedule is not removed.</summary>
    public ScheduleDecision? Removed { get; init; }

    /// <summary>
    /// Gets whether a user removed the schedule, so that it does not run although the code defines it.
    /// </summary>
    public bool IsRemoved => Removed is not null;

    /// <summary>
    /// Returns the next times of the cron expression. Returns none if the time zone is a custom one that this machine
    /// does not know, or if an earlier build stored a cron expression that is no longer accepted.
    /// </summary>
    /// <param name="after">The time after which to search.</param>
    /// <param name="count">The number of times, from 1 to 1,000.</param>
    public IReadOnlyList<DateTimeOffset> NextTimes(DateTimeOffset after, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1_000);
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out var zone)
            || CronExpression.FindProblem(Cron) is not null)
            return [];
        var cron = CronExpression.Parse(Cron);
        var times = new List<DateTimeOffset>(count);
        for (
            var next = cron.NextAfter(after, zone);
            next is { } time && times.Count < count;
            next = cron.NextAfter(time, zone))
            times.Add(time);
        return times;
    }
}
