namespace Millrace.Scheduling;

/// <summary>The definition with which a schedule runs. It includes a user's edits.</summary>
internal sealed record ScheduleDefinition(
    string Name,
    string Cron,
    Func<DateTimeOffset, object> Command,
    TimeZoneInfo TimeZone,
    MissedRuns Missed,
    OverlappingRuns Overlapping)
{
    /// <summary>The maximum number of times that wait for a run to finish. Further times are skipped.</summary>
    public const int MaxQueued = 100;

    /// <summary>The maximum delay of a run that is not a missed run.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public CronExpression Times { get; } = ParseTimes(Name, Cron);

    public ScheduleForm Form => new(Cron, TimeZone.Id, Missed, Overlapping);

    public DateTimeOffset? NextAfter(DateTimeOffset time) => Times.NextAfter(time, TimeZone);

    /// <summary>
    /// Returns the next time after a run, and the further times that wait because they were due during the run.
    /// </summary>
    /// <param name="time">The time of the run.</param>
    /// <param name="queued">The times that were already waiting, in order.</param>
    /// <param name="queueAfter">The time after which due times wait. This is the start of the run, or the time up to
    /// which earlier attempts queued the due times.</param>
    /// <param name="startedAt">The start of the last attempt.</param>
    /// <param name="endedAt">The end of the last attempt.</param>
    public (DateTimeOffset? Next, DateTimeOffset[] Queued) NextAfterRun(
        DateTimeOffset time,
        DateTimeOffset[] queued,
        DateTimeOffset queueAfter,
        DateTimeOffset startedAt,
        DateTimeOffset endedAt)
    {
        var waiting = WaitingTimes(queued, queueAfter, endedAt);
        if (Missed == MissedRuns.All
            && NextAfter(time) is { } missed
            && missed <= startedAt
            && !(waiting is [var head, ..] && head <= missed))
            return (missed, waiting);
        return waiting is [var first, .. var rest] ? (first, rest) : (NextAfter(endedAt), []);
    }

    /// <summary>Returns the times that wait for a run, including the times that were due between two moments.</summary>
    public DateTimeOffset[] WaitingTimes(DateTimeOffset[] queued, DateTimeOffset queueAfter, DateTimeOffset until)
    {
        if (Overlapping != OverlappingRuns.Queue)
            return queued;
        var after = queued is [.., var last] && last > queueAfter ? last : queueAfter;
        var all = new List<DateTimeOffset>(queued);
        for (var next = NextAfter(after); next <= until && all.Count < MaxQueued; next = NextAfter(next.Value))
            all.Add(next.Value);
        return [.. all];
    }

    private static CronExpression ParseTimes(string name, string cron)
    {
        try
        {
            return CronExpression.Parse(cron);
        }
        catch (InvalidCronException exception)
        {
            throw new FormatException($"Schedule '{name}': {exception.Problem}", exception);
        }
    }
}
