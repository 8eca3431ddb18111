namespace Millrace.Storage.Moves;

/// <summary>The role of a store in a move.</summary>
internal enum MoveRole
{
    /// <summary>The store is not in a move.</summary>
    None,

    /// <summary>The store is in use, and its changes are recorded for the other one.</summary>
    Source,

    /// <summary>The store is being filled, and closed to applications.</summary>
    Target,

    /// <summary>The store is complete and waits until its source is marked as moved; closed to applications.</summary>
    Complete,

    /// <summary>The store was moved; closed to applications, which continue with the other one.</summary>
    Moved,
}
