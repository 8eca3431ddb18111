namespace Millrace.Storage.Moves;

/// <summary>What a store is in a move.</summary>
internal enum MoveRole
{
    /// <summary>It is in none.</summary>
    None,

    /// <summary>It is in use, and what changes is noted for another one.</summary>
    Source,

    /// <summary>It is being filled, and closed to applications.</summary>
    Target,

    /// <summary>It holds everything and waits for its source to be marked as moved; closed to applications.</summary>
    Complete,

    /// <summary>It was moved; closed to applications, which go on at the other one.</summary>
    Moved,
}
