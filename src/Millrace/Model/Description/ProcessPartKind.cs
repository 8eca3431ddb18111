namespace Millrace;

/// <summary>What a part of a process is.</summary>
public enum ProcessPartKind
{
    /// <summary>It sends a command.</summary>
    Step,

    /// <summary>It begins several steps together, and waits for all of them.</summary>
    Parallel,

    /// <summary>It waits for an event.</summary>
    Await,

    /// <summary>It goes one way or the other.</summary>
    Decision,

    /// <summary>From here on nothing is undone.</summary>
    PointOfNoReturn,
}
