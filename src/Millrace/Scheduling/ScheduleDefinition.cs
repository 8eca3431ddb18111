namespace Millrace;

/// <summary>A schedule as the application defines it.</summary>
internal sealed record ScheduleDefinition(
    string Name, string Cron, Func<DateTimeOffset, object> Command, TimeZoneInfo TimeZone, MissedRuns Missed, OverlappingRuns Overlapping)
{
    /// <summary>A time that is missed by less counts as kept.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    public CronExpression Times { get; } = CronExpression.Parse(Cron);

    public DateTimeOffset? NextAfter(DateTimeOffset time) => Times.NextAfter(time, TimeZone);

    /// <summary>Whether a time is passed over, because nobody was there.</summary>
    public bool PassesOver(DateTimeOffset time, DateTimeOffset now) => Missed == MissedRuns.Skip && now - time > Grace;

    /// <summary>The time that follows one that was run.</summary>
    /// <param name="time">The time that it was run for.</param>
    /// <param name="begun">When the run began.</param>
    /// <param name="done">When it was done.</param>
    public DateTimeOffset? NextBehind(DateTimeOffset time, DateTimeOffset begun, DateTimeOffset done)
    {
        if (Missed == MissedRuns.All && NextAfter(time) is { } missed && missed <= begun)
            return missed;
        return NextAfter(Overlapping == OverlappingRuns.Queue ? begun : done);
    }
}
