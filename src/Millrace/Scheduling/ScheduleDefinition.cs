namespace Millrace;

/// <summary>A schedule as it is run: as the application defines it, or as a person has edited it.</summary>
internal sealed record ScheduleDefinition(
    string Name, string Cron, Func<DateTimeOffset, object> Command, TimeZoneInfo TimeZone, MissedRuns Missed, OverlappingRuns Overlapping)
{
    /// <summary>The most times that wait for a run to be done; those that come then are passed over.</summary>
    public const int MostQueued = 100;

    /// <summary>A time that is missed by less counts as kept.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public CronExpression Times { get; } = CronExpression.Parse(Cron);

    public ScheduleForm Form => new(Cron, TimeZone.Id, Missed, Overlapping);

    public DateTimeOffset? NextAfter(DateTimeOffset time) => Times.NextAfter(time, TimeZone);

    /// <summary>Whether a time is passed over, because nobody was there.</summary>
    public bool PassesOver(DateTimeOffset time, DateTimeOffset now) => Missed == MissedRuns.Skip && now - time > Grace;

    /// <summary>The time that follows one that was run, and those that wait behind it because they came due within a run.</summary>
    /// <param name="time">The time that it was run for.</param>
    /// <param name="queued">The times that waited already, in order.</param>
    /// <param name="begun">When the run began.</param>
    /// <param name="done">When it was done.</param>
    public (DateTimeOffset? Next, DateTimeOffset[] Queued) NextBehind(
        DateTimeOffset time, DateTimeOffset[] queued, DateTimeOffset begun, DateTimeOffset done)
    {
        var waiting = queued;
        if (Overlapping == OverlappingRuns.Queue)
            waiting = Queue(queued, queued is [.., var last] && last > begun ? last : begun, done);
        if (Missed == MissedRuns.All && NextAfter(time) is { } missed && missed <= begun && !(waiting is [var head, ..] && head <= missed))
            return (missed, waiting);
        return waiting is [var first, .. var rest] ? (first, rest) : (NextAfter(done), []);
    }

    private DateTimeOffset[] Queue(DateTimeOffset[] queued, DateTimeOffset after, DateTimeOffset until)
    {
        var all = new List<DateTimeOffset>(queued);
        for (var next = NextAfter(after); next <= until && all.Count < MostQueued; next = NextAfter(next.Value))
            all.Add(next.Value);
        return [.. all];
    }
}
