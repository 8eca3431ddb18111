namespace Millrace;

/// <summary>A schedule as it is stored.</summary>
internal sealed record ScheduleRecord
{
    /// <summary>When it acts next; null while it is paused or removed, or when no time is left.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The time that it runs for next.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>When it recurs, by what holds: what a person decided, and else the code.</summary>
    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public MissedRuns Missed { get; init; }

    public OverlappingRuns Overlapping { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>Whether it runs however late it is: a person asked for it, or the time fell within the run
    /// before.</summary>
    public bool MustRun { get; init; }

    public int Failures { get; init; }

    /// <summary>The time that it ran for last.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>When it ran last.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>What went wrong last; null when it went well.</summary>
    public string? Error { get; init; }

    /// <summary>The times behind the next one that came due within a run; null for none.</summary>
    public DateTimeOffset[]? Queued { get; init; }

    /// <summary>
    /// Up to when the times that came within tries wait already; null where its time was not tried yet, or had nothing
    /// wait.
    /// </summary>
    public DateTimeOffset? QueuedUntil { get; init; }

    /// <summary>What the code says; null where it has no such schedule, or an earlier build wrote this.</summary>
    public ScheduleForm? Code { get; init; }

    /// <summary>What a person decided; null where all is as the code says.</summary>
    public ScheduleOverride? Edit { get; init; }

    /// <summary>Whether it was added at run time, so that it runs without the code.</summary>
    public bool IsAdded { get; init; }

    /// <summary>By whom and why it was removed, though the code has it; null where it was not.</summary>
    public ScheduleDecision? Removed { get; init; }

    /// <summary>Whether nothing runs it: the code that had it has it no more.</summary>
    public bool IsGone { get; init; }

    /// <summary>A schedule that has not run yet; its times are not worked out yet.</summary>
    public static ScheduleRecord Of(ScheduleForm form) => new()
    {
        Cron = form.Cron,
        TimeZone = form.TimeZone,
        Missed = form.Missed,
        Overlapping = form.Overlapping,
    };

    /// <summary>The same where the form is that of the code with what a person decided over it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="known">A zone of the application's own, which the system may not know; null for none.</param>
    public ScheduleRecord Formed(DateTimeOffset now, TimeZoneInfo? known = null)
    {
        var after = Formed();
        var isSame = (Cron, TimeZone) == (after.Cron, after.TimeZone);
        return isSame && (Due is not null || IsPaused || Removed is not null) ? after : after.Timed(now, known);
    }

    /// <summary>
    /// The same where this machine may not know its zone, which is the application's own: then the node that runs it
    /// works its time out.
    /// </summary>
    public ScheduleRecord FormedAnywhere(DateTimeOffset now) => TryFormed(now) ?? Formed().Untimed() with { Due = now };

    /// <summary>
    /// As <see cref="Formed(DateTimeOffset, TimeZoneInfo?)"/>, or null where this machine does not have its zone or its
    /// cron is refused.
    /// </summary>
    public ScheduleRecord? TryFormed(DateTimeOffset now)
    {
        try
        {
            return Formed(now);
        }
        catch (Exception exception)
            when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The same where it runs for the next time that comes; a run that must be stays.</summary>
    public ScheduleRecord Timed(DateTimeOffset now, TimeZoneInfo? known = null)
    {
        if (MustRun && Due is not null)
            return this with { QueuedUntil = null }; // The times since then are no more those that it would queue.
        // Behind the last run also where that was by a clock that is ahead: no time is run twice.
        var next = IsPaused || Removed is not null ? null : NextAfter(LastTime > now ? LastTime.Value : now, known);
        return this with { Due = next, Time = next, MustRun = false, Failures = 0, Queued = null, QueuedUntil = null };
    }

    /// <summary>The same where it runs now; a time that waits already and must not be lost comes behind that.</summary>
    public ScheduleRecord Asked(DateTimeOffset now)
    {
        var asked = this with { Due = now, Time = now, MustRun = true, Failures = 0 };
        // Otherwise one run stands for all that is due: this one.
        var isEachRun = Overlapping == OverlappingRuns.Queue || Missed == MissedRuns.All;
        return !IsPaused && isEachRun && Time is { } waiting && waiting < now && !PassesOver(waiting, now, Missed)
            ? asked with { Queued = [waiting, .. (Queued ?? []).Take(ScheduleDefinition.MaxQueued - 1)] }
            : asked;
    }

    /// <summary>The same without the time that it runs for next.</summary>
    public ScheduleRecord Passed(DateTimeOffset time)
    {
        if (IsPaused)
            return Untimed();
        if (Queued is [var first, .. var rest])
        {
            return this with
            {
                Due = first,
                Time = first,
                MustRun = true,
                Failures = 0,
                Queued = rest.Length == 0 ? null : rest,
                QueuedUntil = null,
            };
        }
        var next = Times().NextAfter(time, FindZone(TimeZone));
        return this with { Due = next, Time = next, MustRun = false, Failures = 0, QueuedUntil = null };
    }

    /// <summary>The same where it is done with its time.</summary>
    /// <param name="next">The time that it runs for next, which must be run if it has come already, and those that wait
    /// behind it.</param>
    /// <param name="now">The time.</param>
    public ScheduleRecord Done((DateTimeOffset? Time, DateTimeOffset[] Queued) next, DateTimeOffset now) => IsPaused
        ? Untimed()
        : this with
        {
            Due = next.Time,
            Time = next.Time,
            MustRun = next.Time <= now,
            Failures = 0,
            Queued = next.Queued.Length == 0 ? null : next.Queued,
            QueuedUntil = null,
        };

    /// <summary>Whether nobody was there for a time, and it is not made up for.</summary>
    /// <param name="time">The time.</param>
    /// <param name="now">When it is asked.</param>
    /// <param name="missed">What becomes of missed times, by who runs it.</param>
    public bool PassesOver(DateTimeOffset time, DateTimeOffset now, MissedRuns missed) =>
        missed == MissedRuns.Skip && !MustRun && Failures == 0 && now - time > ScheduleDefinition.Grace;

    /// <summary>A zone that a person named.</summary>
    /// <exception cref="InvalidValueException">This machine knows none of that id.</exception>
    public static TimeZoneInfo FindZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
        ? zone
        : throw new InvalidValueException("time zone", id, "this machine knows none of that id.");

    /// <summary>The same without a time where its stored cron expression is refused, with the reason as its error; else
    /// null.</summary>
    public ScheduleRecord? Refused()
    {
        var formed = Formed();
        return CronExpression.FindProblem(formed.Cron) is { } problem
            ? formed.Untimed() with
            {
                Error = problem,
            }
            : null;
    }

    /// <summary>Whether the code does not have it, so that it does not come back where it is removed.</summary>
    public bool IsWithoutCode() => IsGone || (IsAdded && Code is null);

    /// <summary>The same without a time to run for.</summary>
    public ScheduleRecord Untimed() =>
        this with { Due = null, Time = null, MustRun = false, Failures = 0, Queued = null, QueuedUntil = null };

    public ScheduleForm ToForm() => new(Cron, TimeZone, Missed, Overlapping);

    private ScheduleRecord Formed()
    {
        var code = Code ?? ToForm();
        var form = Edit?.Over(code) ?? code;
        return this with
        {
            Cron = form.Cron,
            TimeZone = form.TimeZone,
            Missed = form.Missed,
            Overlapping = form.Overlapping,
        };
    }

    /// <exception cref="InvalidValueException">An earlier build stored what is refused now.</exception>
    private CronExpression Times() => CronExpression.FindProblem(Cron) is { } problem
        ? throw new InvalidValueException("cron", Cron, problem)
        : CronExpression.Parse(Cron);

    private DateTimeOffset? NextAfter(DateTimeOffset time, TimeZoneInfo? known = null) =>
        CronExpression
            .Parse(Cron)
            .NextAfter(time, known?.Id == TimeZone ? known : TimeZoneInfo.FindSystemTimeZoneById(TimeZone));
}
