namespace Millrace;

/// <summary>A schedule as it is run: as the application defines it, or as a person has edited it.</summary>
internal sealed record ScheduleDefinition(
    string Name,
    string Cron,
    Func<DateTimeOffset, object> Command,
    TimeZoneInfo TimeZone,
    MissedRuns Missed,
    OverlappingRuns Overlapping)
{
    /// <summary>The most times that wait for a run to be done; those that come then are passed over.</summary>
    public const int MaxQueued = 100;

    /// <summary>A time that is missed by less counts as kept.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public CronExpression Times { get; } = CronExpression.Parse(Cron);

    public ScheduleForm Form => new(Cron, TimeZone.Id, Missed, Overlapping);

    public DateTimeOffset? NextAfter(DateTimeOffset time) => Times.NextAfter(time, TimeZone);

    /// <summary>The time that follows one that was run, and those that wait behind it because they came due within a
    /// run.</summary>
    /// <param name="time">The time that it was run for.</param>
    /// <param name="queued">The times that waited already, in order.</param>
    /// <param name="since">Since when times that come wait: when the run began, or up to when those within its other
    /// tries wait.</param>
    /// <param name="begun">When the try began that ended it.</param>
    /// <param name="done">When it was done.</param>
    public (DateTimeOffset? Next, DateTimeOffset[] Queued) NextBehind(
        DateTimeOffset time, DateTimeOffset[] queued, DateTimeOffset since, DateTimeOffset begun, DateTimeOffset done)
    {
        var waiting = Waiting(queued, since, done);
        if (Missed == MissedRuns.All
            && NextAfter(time) is { } missed
            && missed <= begun
            && !(waiting is [var head, ..] && head <= missed))
            return (missed, waiting);
        return waiting is [var first, .. var rest] ? (first, rest) : (NextAfter(done), []);
    }

    /// <summary>The times that wait for a run, with those that came due within a part of it.</summary>
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
}
