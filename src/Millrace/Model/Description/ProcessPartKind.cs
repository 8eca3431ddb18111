namespace Millrace;

/// <summary>The kind of a part of a process.</summary>
public enum ProcessPartKind
{
    /// <summary>A part that sends a command.</summary>
    Step,

    /// <summary>A part that starts several steps together, and waits for all of them.</summary>
    Parallel,

    /// <summary>A part that waits for an event.</summary>
    Await,

    /// <summary>A part that selects one of two branches.</summary>
    Decision,

    /// <summary>A part after which the process compensates no earlier steps.</summary>
    PointOfNoReturn,
}
