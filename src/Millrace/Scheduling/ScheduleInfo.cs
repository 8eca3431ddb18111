using System.Text.Json;

namespace Millrace;

/// <summary>A schedule as it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cron">When it recurs.</param>
/// <param name="TimeZone">The zone whose clock that is told by.</param>
/// <param name="IsPaused">Whether it is paused.</param>
/// <param name="Next">The time that it runs for next; null while it is paused, or when none is left.</param>
/// <param name="LastTime">The time that it ran for last; null when it has not run.</param>
/// <param name="LastRunAt">When it ran last.</param>
/// <param name="Error">What went wrong last; null when it went well.</param>
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
    /// <summary>What becomes of times at which nobody was there.</summary>
    public MissedRuns Missed { get; init; }

    /// <summary>What becomes of times that come while it still runs.</summary>
    public OverlappingRuns Overlapping { get; init; }

    /// <summary>The stable name of the command that a person gave it; null where the code makes one for each
    /// time.</summary>
    public string? Command { get; init; }

    /// <summary>That command, as JSON.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>What the code says; null where it has no such schedule.</summary>
    public ScheduleForm? Code { get; init; }

    /// <summary>Whether it was added at run time, so that it runs without the code.</summary>
    public bool IsAdded { get; init; }

    /// <summary>Who had it be otherwise than the code says, or added it, and why; null where it is as the code
    /// says.</summary>
    public ScheduleDecision? Edited { get; init; }

    /// <summary>Who removed it, and why; null where it was not.</summary>
    public ScheduleDecision? Removed { get; init; }

    /// <summary>Whether a person removed it, so that it does not run though the code has it.</summary>
    public bool IsRemoved => Removed is not null;

    /// <summary>
    /// The times that follow; none where its time zone is the application's own, which this machine does not know, or
    /// where its cron expression was stored by an earlier build and is no longer accepted.
    /// </summary>
    /// <param name="after">After when.</param>
    /// <param name="count">How many, from 1 to 1,000.</param>
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
