namespace Millrace;

/// <summary>Where a part of an instance stands.</summary>
internal sealed record StepStatus
{
    /// <summary>Where each begins.</summary>
    public static StepStatus Beginning { get; } = new();

    public StepPhase Phase { get; init; }

    /// <summary>Which run of it this is; counted on when a person has it done again.</summary>
    public int Run { get; init; } = 1;

    public int Failures { get; init; }

    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Error { get; init; }

    public StepPhase Undo { get; init; }

    public int UndoFailures { get; init; }

    public DateTimeOffset? UndoRetryAt { get; init; }

    /// <summary>Whether something may have been done that is to be undone: it was begun, and not refused right
    /// away.</summary>
    public bool MayHaveEffects =>
        Stands || Phase is StepPhase.Begun or StepPhase.Done || (Phase == StepPhase.Failed && Failures > 0);

    /// <summary>Whether an earlier run may have done something that is not undone.</summary>
    private bool Stands { get; init; }

    /// <summary>Where it stands after an event; null when that is not about where a part stands.</summary>
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

    /// <summary>Begins anew. What an earlier run may have done is still to be undone when it comes to that.</summary>
    public StepStatus Reset() => ForgetUndo() with
    {
        Stands = MayHaveEffects && Undo != StepPhase.Done,
        Phase = StepPhase.None,
        Failures = 0,
        RetryAt = null,
        Until = null,
        Error = null,
        Run = Run + 1,
    };

    /// <summary>Has it undone once more.</summary>
    public StepStatus ResetUndo() => ForgetUndo() with { Run = Run + 1 };

    /// <summary>As if nobody had tried to undo it.</summary>
    public StepStatus ForgetUndo() => this with { Undo = StepPhase.None, UndoFailures = 0, UndoRetryAt = null };
}

/// <summary>How far a part, or its undoing, is.</summary>
internal enum StepPhase
{
    None,
    Begun,
    Awaiting,
    Done,
    Skipped,
    Failed,
}
