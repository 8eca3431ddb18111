namespace Millrace.Storage.Moves;

/// <summary>The role of a store in a move.</summary>
public enum MoveRole
{
    /// <summary>The store is not in a move.</summary>
    None,

    /// <summary>The store is in use, and records its changes for the other storage.</summary>
    Source,

    /// <summary>The store is being filled and is closed to applications.</summary>
    Target,

    /// <summary>The store is complete but still closed to applications, until its source is marked as moved.</summary>
    Complete,

    /// <summary>The store was moved and is closed to applications, which continue with the other storage.</summary>
    Moved,
}
