namespace Millrace.Storage.Moves;

/// <summary>Creates the error of a store that is closed to applications because of a move.</summary>
internal static class MoveRefusal
{
    /// <summary>Creates the error; null if the store is open.</summary>
    /// <param name="store">The description of the store.</param>
    /// <param name="role">The role of the store in the move.</param>
    /// <param name="other">The description of the other storage.</param>
    public static StorageException? Of(string store, MoveRole role, string other) =>
        role switch
        {
            MoveRole.Moved => new StorageException(
                $"{store} was moved to {other}, and can no longer be written. Start the application with that storage, "
                + "or let it follow moves with FollowMovesTo(…).",
                StorageProblem.Moved),
            MoveRole.Target or MoveRole.Complete => new StorageException(
                $"{store} is being filled from {other}, and is closed until that is done. If 'millrace move' was "
                + "interrupted, run it again.",
                StorageProblem.Busy),
            _ => null,
        };
}
