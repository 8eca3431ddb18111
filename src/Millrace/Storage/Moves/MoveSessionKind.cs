namespace Millrace.Storage.Moves;

/// <summary>What a transaction of a mover is for.</summary>
internal enum MoveSessionKind
{
    /// <summary>Reading one state.</summary>
    Read,

    /// <summary>Writing into a target, which is closed to everyone else.</summary>
    Write,

    /// <summary>Reading the last state of a source: whoever writes waits until it ends.</summary>
    Fence,
}
