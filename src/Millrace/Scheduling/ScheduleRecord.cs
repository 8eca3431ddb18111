namespace Millrace.Scheduling;

/// <summary>The stored form of a schedule.</summary>
internal sealed record ScheduleRecord
{
    /// <summary>
    /// The time at which the processor handles the schedule next; null if the schedule is paused or removed, or if the
    /// expression matches no future time.
    /// </summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The time of the next run.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The cron expression in effect. A user's expression overrides the expression in the code.</summary>
    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public MissedRuns Missed { get; init; }

    public OverlappingRuns Overlapping { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>
    /// Gets whether the schedule runs even if the time was missed, because a user requested the run or the time was due
    /// during the previous run.
    /// </summary>
    public bool MustRun { get; init; }

    public int Failures { get; init; }

    /// <summary>The scheduled time of the last run.</summary>
    public DateTimeOffset? LastTime { get; init; }

    /// <summary>The time at which the last run took place.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>The last error; null if the last run succeeded.</summary>
    public string? Error { get; init; }

    /// <summary>The times after the next run that were due during a run; null for none.</summary>
    public DateTimeOffset[]? Queued { get; init; }

    /// <summary>
    /// The time up to which earlier attempts queued the due times; null if the current time was not attempted yet, or
    /// if the schedule does not queue times.
    /// </summary>
    public DateTimeOffset? QueuedUntil { get; init; }

    /// <summary>
    /// The settings in the code; null if the code does not define the schedule, or if an earlier build wrote the
    /// record.
    /// </summary>
    public ScheduleForm? Code { get; init; }

    /// <summary>The user's changes; null if the schedule is as the code defines it.</summary>
    public ScheduleOverride? Edit { get; init; }

    /// <summary>
    /// Gets whether a user added the schedule at run time, so that it runs without a definition in the code.
    /// </summary>
    public bool IsAdded { get; init; }

    /// <summary>
    /// The decision of a user to remove the schedule although the code defines it; null if it is not removed.
    /// </summary>
    public ScheduleDecision? Removed { get; init; }

    /// <summary>Gets whether the schedule does not run because its definition was removed from the code.</summary>
    public bool IsGone { get; init; }

    /// <summary>Returns a schedule that has not run yet and whose times are not computed yet.</summary>
    public static ScheduleRecord Of(ScheduleForm form) => new()
    {
        Cron = form.Cron,
        TimeZone = form.TimeZone,
        Missed = form.Missed,
        Overlapping = form.Overlapping,
    };

    /// <summary>Applies the user's changes to the settings in the code.</summary>
    /// <param name="now">The current time.</param>
    /// <param name="customZone">A time zone of the application that the system may not know; null for none.</param>
    public ScheduleRecord Resolved(DateTimeOffset now, TimeZoneInfo? customZone = null)
    {
        var after = Resolved();
        var isSame = (Cron, TimeZone) == (after.Cron, after.TimeZone);
        return isSame && (Due is not null || IsPaused || Removed is not null)
            ? after
            : after.WithNextTime(now, customZone);
    }

    /// <summary>
    /// Applies the user's changes on a machine that may not know a custom time zone. In this case the node that runs
    /// the schedule computes its time.
    /// </summary>
    public ScheduleRecord ResolvedAnywhere(DateTimeOffset now) =>
        TryResolve(now) ?? Resolved().WithoutTime() with { Due = now };

    /// <summary>
    /// Returns the result of <see cref="Resolved(DateTimeOffset, TimeZoneInfo?)"/>, or null if this machine does not
    /// know the time zone or the cron expression is refused.
    /// </summary>
    public ScheduleRecord? TryResolve(DateTimeOffset now)
    {
        try
        {
            return Resolved(now);
        }
        catch (Exception exception)
            when (exception is TimeZoneNotFoundException or InvalidTimeZoneException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Sets the next time. Keeps a run that a user requested.</summary>
    public ScheduleRecord WithNextTime(DateTimeOffset now, TimeZoneInfo? customZone = null)
    {
        if (MustRun && Due is not null)
            return this with { QueuedUntil = null }; // Otherwise later times could not be queued.
        // The next time is after the last run, so that no time runs twice if the clock of that run's node is fast.
        var next =
            IsPaused || Removed is not null ? null : NextAfter(LastTime > now ? LastTime.Value : now, customZone);
        return this with { Due = next, Time = next, MustRun = false, Failures = 0, Queued = null, QueuedUntil = null };
    }

    /// <summary>Requests a run now. If a time waits and must not be skipped, it runs after the requested run.</summary>
    public ScheduleRecord WithRequestedRun(DateTimeOffset now)
    {
        var requested = this with { Due = now, Time = now, MustRun = true, Failures = 0 };
        // If this is false, the requested run covers all times that are due.
        var isEachRun = Overlapping == OverlappingRuns.Queue || Missed == MissedRuns.All;
        return !IsPaused && isEachRun && Time is { } waiting && waiting < now && !IsSkipped(waiting, now, Missed)
            ? requested with { Queued = [waiting, .. (Queued ?? []).Take(ScheduleDefinition.MaxQueued - 1)] }
            : requested;
    }

    /// <summary>Skips to the time after the next run.</summary>
    public ScheduleRecord WithNextSkipped(DateTimeOffset time)
    {
        if (IsPaused)
            return WithoutTime();
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

    /// <summary>Completes the current time.</summary>
    /// <param name="next">The next time, which must run even if it is in the past, and the times that wait after
    /// it.</param>
    /// <param name="now">The current time.</param>
    public ScheduleRecord Completed((DateTimeOffset? Time, DateTimeOffset[] Queued) next, DateTimeOffset now) =>
        IsPaused
        ? WithoutTime()
        : this with
        {
            Due = next.Time,
            Time = next.Time,
            MustRun = next.Time <= now,
            Failures = 0,
            Queued = next.Queued.Length == 0 ? null : next.Queued,
            QueuedUntil = null,
        };

    /// <summary>Returns true if no node was running at a time and the schedule skips missed times.</summary>
    /// <param name="time">The time.</param>
    /// <param name="now">The current time.</param>
    /// <param name="missed">The action for missed times on the node that runs the schedule.</param>
    public bool IsSkipped(DateTimeOffset time, DateTimeOffset now, MissedRuns missed) =>
        missed == MissedRuns.Skip && !MustRun && Failures == 0 && now - time > ScheduleDefinition.Grace;

    /// <summary>Returns the time zone that a user named.</summary>
    /// <exception cref="InvalidValueException">This machine has no time zone with that id.</exception>
    public static TimeZoneInfo FindZone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
        ? zone
        : throw new InvalidValueException("time zone", id, "this machine has no time zone with that id.");

    /// <summary>
    /// Returns the record without a next time and with an error if its stored cron expression is refused. Returns null
    /// otherwise.
    /// </summary>
    public ScheduleRecord? Refused()
    {
        var resolved = Resolved();
        return CronExpression.FindProblem(resolved.Cron) is { } problem
            ? resolved.WithoutTime() with
            {
                Error = problem,
            }
            : null;
    }

    /// <summary>Returns true if the code does not define the schedule. A removal then deletes it.</summary>
    public bool IsWithoutCode() => IsGone || (IsAdded && Code is null);

    /// <summary>Clears the next time.</summary>
    public ScheduleRecord WithoutTime() =>
        this with { Due = null, Time = null, MustRun = false, Failures = 0, Queued = null, QueuedUntil = null };

    public ScheduleForm ToForm() => new(Cron, TimeZone, Missed, Overlapping);

    private ScheduleRecord Resolved()
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

    /// <exception cref="InvalidValueException">The cron expression, stored by an earlier build, is now
    /// refused.</exception>
    private CronExpression Times() => CronExpression.FindReason(Cron) is { } reason
        ? throw new InvalidValueException("cron expression", Cron, reason)
        : CronExpression.Parse(Cron);

    private DateTimeOffset? NextAfter(DateTimeOffset time, TimeZoneInfo? customZone = null) =>
        CronExpression
            .Parse(Cron)
            .NextAfter(time, customZone?.Id == TimeZone ? customZone : TimeZoneInfo.FindSystemTimeZoneById(TimeZone));
}
