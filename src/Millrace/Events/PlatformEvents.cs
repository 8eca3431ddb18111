namespace Millrace;

/// <summary>The stored names of the events that Millrace writes for itself: no build of an application needs to know
/// them.</summary>
internal static class PlatformEvents
{
    /// <summary>What was decided about dead letters, by whom, and why.</summary>
    public const string DeadLettersDecided = "dead-letters.decided";

    /// <summary>A message that a receiver could not handle, or that waits behind one.</summary>
    public const string MessageHeld = "messages.held";

    /// <summary>A command is to be sent at a time; or another than before.</summary>
    public const string TimerSet = "timers.set";

    /// <summary>A timer is due at another time than before.</summary>
    public const string TimerMoved = "timers.moved";

    /// <summary>A timer sends another command than before, or at another time.</summary>
    public const string TimerEdited = "timers.edited";

    /// <summary>A timer was taken back.</summary>
    public const string TimerCancelled = "timers.cancelled";

    /// <summary>A timer's command was handled.</summary>
    public const string TimerFired = "timers.fired";

    /// <summary>A timer's command was refused for good: it is not sent again.</summary>
    public const string TimerRefused = "timers.refused";

    /// <summary>A timer's command failed too often: it is kept for a person.</summary>
    public const string TimerHeld = "timers.held";

    /// <summary>A schedule is new, or recurs at other times than before.</summary>
    public const string ScheduleDefined = "schedules.defined";

    /// <summary>A schedule has run for a time.</summary>
    public const string ScheduleRun = "schedules.run";

    /// <summary>A time of a schedule was passed over, because nobody was there.</summary>
    public const string SchedulePassed = "schedules.passed-over";

    /// <summary>A schedule did not run for a time: it failed.</summary>
    public const string ScheduleFailed = "schedules.failed";

    /// <summary>A schedule is paused.</summary>
    public const string SchedulePaused = "schedules.paused";

    /// <summary>A schedule goes on.</summary>
    public const string ScheduleResumed = "schedules.resumed";

    /// <summary>A schedule is to run now.</summary>
    public const string ScheduleAsked = "schedules.asked";

    /// <summary>A person began a new epoch of the log.</summary>
    public const string LogEpochBegun = "log-epochs.begun";

    /// <summary>A schedule was added at run time.</summary>
    public const string ScheduleAdded = "schedules.added";

    /// <summary>A person decided that a schedule is otherwise than the code says.</summary>
    public const string ScheduleEdited = "schedules.edited";

    /// <summary>A schedule runs no more.</summary>
    public const string ScheduleRemoved = "schedules.removed";

    /// <summary>A schedule that was removed runs again.</summary>
    public const string ScheduleRestored = "schedules.restored";

    /// <summary>A schedule is as the code says again.</summary>
    public const string ScheduleReset = "schedules.reset";

    /// <summary>Whether it is one of them, by its whole name.</summary>
    public static bool Knows(string type) =>
        type
            is DeadLettersDecided
                or MessageHeld
                or LogEpochBegun
                or TimerSet
                or TimerMoved
                or TimerEdited
                or TimerCancelled
                or TimerFired
                or TimerRefused
                or TimerHeld
                or ScheduleDefined
                or ScheduleRun
                or SchedulePassed
                or ScheduleFailed
                or SchedulePaused
                or ScheduleResumed
                or ScheduleAsked
                or ScheduleAdded
                or ScheduleEdited
                or ScheduleRemoved
                or ScheduleRestored
                or ScheduleReset
        || ProcessEvents.Has(type);

    /// <summary>Whether it has a name as they have, also those of later builds.</summary>
    public static bool Has(string type) =>
        type is DeadLettersDecided or MessageHeld or LogEpochBegun
        || type.StartsWith("timers.", StringComparison.Ordinal)
        || type.StartsWith("schedules.", StringComparison.Ordinal)
        || type.StartsWith("processes.", StringComparison.Ordinal);
}
