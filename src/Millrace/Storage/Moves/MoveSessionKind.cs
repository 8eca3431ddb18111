namespace Millrace.Storage.Moves;

/// <summary>The purpose of a mover's transaction.</summary>
internal enum MoveSessionKind
{
    /// <summary>Reads one state.</summary>
    Read,

    /// <summary>Writes into a target, which is closed to all other clients.</summary>
    Write,

    /// <summary>Reads the last state of a source: all writers wait until the transaction ends.</summary>
    Fence,
}
