namespace Millrace;

/// <summary>The state of an instance of a process.</summary>
public enum ProcessState
{
    /// <summary>The instance advances or waits.</summary>
    Running,

    /// <summary>The steps that were done are being compensated.</summary>
    Compensating,

    /// <summary>The instance is held until a user resumes, moves or cancels it. Its reason explains why.</summary>
    Held,

    /// <summary>All steps are done.</summary>
    Completed,

    /// <summary>All steps that were done are compensated.</summary>
    Compensated,

    /// <summary>
    /// Events arrived before the event that starts the instance. The process keeps them until they expire
    /// (<see cref="ProcessBuilder{TId}.WaitForStart"/>).
    /// </summary>
    NotStarted,
}
