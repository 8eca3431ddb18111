using Millrace.Events;

namespace Millrace.ProcessManagers;

/// <summary>The status of a part of an instance.</summary>
internal sealed record StepStatus
{
    /// <summary>Gets the status at the start.</summary>
    public static StepStatus Beginning { get; } = new();

    public StepPhase Phase { get; init; }

    /// <summary>Gets the number of the run. It increases when a user repeats the part.</summary>
    public int Run { get; init; } = 1;

    public int Failures { get; init; }

    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Error { get; init; }

    public StepPhase Undo { get; init; }

    public int UndoFailures { get; init; }

    public DateTimeOffset? UndoRetryAt { get; init; }

    /// <summary>
    /// Gets whether the part may have effects that need compensation, because it was started and not refused at the
    /// first attempt.
    /// </summary>
    public bool MayHaveEffects =>
        HasEarlierEffects || Phase is StepPhase.Begun or StepPhase.Done || (Phase == StepPhase.Failed && Failures > 0);

    /// <summary>Gets whether an earlier run may have effects that are not compensated.</summary>
    private bool HasEarlierEffects { get; init; }

    /// <summary>Returns the status after an event; null if the event does not affect the part.</summary>
    public StepStatus? After(string type, ProcessNote note) =>
        type switch
        {
            ProcessEvents.StepBegun => this with { Phase = StepPhase.Begun },
            ProcessEvents.Awaiting => this with { Phase = StepPhase.Awaiting, Until = note.Until },
            ProcessEvents.StepDone => this with { Phase = StepPhase.Done, RetryAt = null, Error = null },
            ProcessEvents.Received or ProcessEvents.Decided or ProcessEvents.PassedNoReturn => this with
            {
                Phase = StepPhase.Done,
            },
            ProcessEvents.AttemptFailed => this with
            {
                Failures = Failures + 1,
                RetryAt = note.RetryAt,
                Error = note.Reason,
            },
            ProcessEvents.StepFailed => this with
            {
                Failures = Failures + (note.Attempt is > 1 || note.GoesOn == false ? 1 : 0),
                Phase = StepPhase.Failed,
                RetryAt = null,
                Error = note.Reason,
            },
            ProcessEvents.TimedOut => this with
            {
                Phase = note.GoesOn == true ? StepPhase.Done : StepPhase.Failed,
                Error = note.Reason,
            },
            ProcessEvents.CompensationBegun => this with { Undo = StepPhase.Begun },
            ProcessEvents.CompensationDone => this with { Undo = StepPhase.Done, UndoRetryAt = null },
            ProcessEvents.CompensationAttemptFailed => this with
            {
                UndoFailures = UndoFailures + 1,
                UndoRetryAt = note.RetryAt,
                Error = note.Reason,
            },
            ProcessEvents.CompensationFailed => this with
            {
                Undo = StepPhase.Failed,
                UndoRetryAt = null,
                Error = note.Reason,
            },
            _ => null,
        };

    /// <summary>Restarts the part. Effects of an earlier run may still be compensated later.</summary>
    public StepStatus Reset() => ForgetUndo() with
    {
        HasEarlierEffects = MayHaveEffects && Undo != StepPhase.Done,
        Phase = StepPhase.None,
        Failures = 0,
        RetryAt = null,
        Until = null,
        Error = null,
        Run = Run + 1,
    };

    /// <summary>Restarts the compensation.</summary>
    public StepStatus ResetUndo() => ForgetUndo() with { Run = Run + 1 };

    /// <summary>Removes all attempts of the compensation.</summary>
    public StepStatus ForgetUndo() => this with { Undo = StepPhase.None, UndoFailures = 0, UndoRetryAt = null };
}

/// <summary>The phase of a part or of its compensation.</summary>
internal enum StepPhase
{
    None,
    Begun,
    Awaiting,
    Done,
    Skipped,
    Failed,
}
