namespace Millrace.Storage.Moves;

/// <summary>The purpose of a mover's transaction.</summary>
public enum MoveSessionKind
{
    /// <summary>Reads a consistent state of the store.</summary>
    Read,

    /// <summary>Writes to a target, which is closed to all other clients.</summary>
    Write,

    /// <summary>Reads the final state of a source. All writers wait until the transaction ends.</summary>
    Fence,
}
