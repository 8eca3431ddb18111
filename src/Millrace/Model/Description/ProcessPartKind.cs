namespace Millrace;

/// <summary>The kind of a part of a process.</summary>
public enum ProcessPartKind
{
    /// <summary>It sends a command.</summary>
    Step,

    /// <summary>It starts several steps together, and waits for all of them.</summary>
    Parallel,

    /// <summary>It waits for an event.</summary>
    Await,

    /// <summary>It selects one of two branches.</summary>
    Decision,

    /// <summary>After it nothing is compensated.</summary>
    PointOfNoReturn,
}
