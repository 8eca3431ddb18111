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
    /// Returns the time that follows a run, and the times that wait because they were due during the run.
    /// </summary>
    /// <param name="time">The time of the run.</param>
    /// <param name="queued">The times that were already waiting, in order.</param>
    /// <param name="since">The time after which due times wait. This is the start of the run, or the last time that
    /// earlier attempts queued.</param>
    /// <param name="startedAt">The start of the last attempt.</param>
    /// <param name="done">The end of the last attempt.</param>
    public (DateTimeOffset? Next, DateTimeOffset[] Queued) NextBehind(
        DateTimeOffset time,
        DateTimeOffset[] queued,
        DateTimeOffset since,
        DateTimeOffset startedAt,
        DateTimeOffset done)
    {
        var waiting = Waiting(queued, since, done);
        if (Missed == MissedRuns.All
            && NextAfter(time) is { } missed
            && missed <= startedAt
            && !(waiting is [var head, ..] && head <= missed))
            return (missed, waiting);
        return waiting is [var first, .. var rest] ? (first, rest) : (NextAfter(done), []);
    }

    /// <summary>Returns the times that wait for a run, including the times that were due between two moments.</summary>
    public DateTimeOffset[] Waiting(DateTimeOffset[] queued, DateTimeOffset since, DateTimeOffset until)
    {
        if (Overlapping != OverlappingRuns.Queue)
            return queued;
        var after = queued is [.., var last] && last > since ? last : since;
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
