namespace Millrace;

/// <summary>Where a part of an instance stands.</summary>
internal sealed class StepStand
{
    private bool _stands;

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
    public bool MayHaveEffects => _stands || Phase is StepPhase.Begun or StepPhase.Done || (Phase == StepPhase.Failed && Failures > 0);

    /// <summary>The same once more.</summary>
    public StepStand Copy() => (StepStand)MemberwiseClone();

    /// <summary>Begins anew. What an earlier run may have done is still to be undone when it comes to that.</summary>
    public void Reset()
    {
        _stands = MayHaveEffects && Undo != StepPhase.Done;
        (Phase, Failures, RetryAt, Until, Error) = (StepPhase.None, 0, null, null, null);
        ForgetUndo();
        Run++;
    }

    /// <summary>Has it undone once more.</summary>
    public void ResetUndo()
    {
        ForgetUndo();
        Run++;
    }

    /// <summary>As if nobody had tried to undo it.</summary>
    public void ForgetUndo() => (Undo, UndoFailures, UndoRetryAt) = (StepPhase.None, 0, null);
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
