namespace Millrace;

/// <summary>Where an instance of a process stands.</summary>
public enum ProcessState
{
    /// <summary>It goes forward, or waits.</summary>
    Running,

    /// <summary>What was done is undone.</summary>
    Compensating,

    /// <summary>It stands still until a person resumes, moves or cancels it; its reason says why.</summary>
    Held,

    /// <summary>All is done.</summary>
    Completed,

    /// <summary>All that was done is undone.</summary>
    Compensated,

    /// <summary>
    /// Events came before the one that starts it. They are kept for it until their time is up (<see
    /// cref="ProcessBuilder{TId}.WaitForStart"/>).
    /// </summary>
    NotStarted,
}
