namespace Millrace.Storage.Moves;

/// <summary>Why a store that is in a move is closed to applications.</summary>
internal static class MoveRefusal
{
    /// <summary>The error; null when the store is open to them.</summary>
    /// <param name="store">The store, in words.</param>
    /// <param name="role">What it is in the move.</param>
    /// <param name="other">The other storage of the move.</param>
    public static StorageException? Of(string store, MoveRole role, string other) =>
        role switch
        {
            MoveRole.Moved => new StorageException(
                $"{store} was moved to {other}, and nothing is written here any more. Start the application on that "
                    + $"one, or let it follow a "
                    + "move with FollowMovesTo(…).",
                StorageProblem.Moved),
            MoveRole.Target or MoveRole.Complete => new StorageException(
                $"{store} is being filled from {other}, and is closed until that is done. If 'millrace move' was "
                    + $"interrupted, run it again.",
                StorageProblem.Busy),
            _ => null,
        };
}
