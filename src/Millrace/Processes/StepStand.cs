namespace Millrace;

/// <summary>Where a part of an instance stands.</summary>
internal sealed class StepStand
{
    public StepPhase Phase { get; set; }

    /// <summary>Which run of it this is; counted on when a person has it done again.</summary>
    public int Run { get; set; } = 1;

    public int Failures { get; set; }

    public DateTimeOffset? RetryAt { get; set; }

    public DateTimeOffset? Until { get; set; }

    public string? Error { get; set; }

    public StepPhase Undo { get; set; }

    public int UndoFailures { get; set; }

    public DateTimeOffset? UndoRetryAt { get; set; }

    /// <summary>Whether something may have been done that is to be undone: it was begun, and not refused right away.</summary>
    public bool MayHaveEffects => Phase is StepPhase.Begun or StepPhase.Done || (Phase == StepPhase.Failed && Failures > 0);

    /// <summary>Begins anew, as if it had never been.</summary>
    public void Reset()
    {
        (Phase, Failures, RetryAt, Until, Error) = (StepPhase.None, 0, null, null, null);
        (Undo, UndoFailures, UndoRetryAt) = (StepPhase.None, 0, null);
        Run++;
    }

    /// <summary>Has it undone once more.</summary>
    public void ResetUndo()
    {
        (Undo, UndoFailures, UndoRetryAt) = (StepPhase.None, 0, null);
        Run++;
    }
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
