namespace Millrace.Storage.Moves;

/// <summary>Creates the exception for a store that applications cannot use because of a move.</summary>
internal static class MoveRefusal
{
    /// <summary>Returns the exception; null if applications can use the store.</summary>
    /// <param name="store">The description of the store.</param>
    /// <param name="role">The role of the store in the move.</param>
    /// <param name="other">The description of the other storage.</param>
    public static StorageException? Of(string store, MoveRole role, string other) =>
        role switch
        {
            MoveRole.Moved => new StorageException(
                $"{store} was moved to {other}, so applications cannot write to it. Start the application with that "
                + "storage, or let it follow moves with FollowMovesTo(…).",
                StorageProblem.Moved),
            MoveRole.Target or MoveRole.Complete => new StorageException(
                $"{store} is being filled from {other}, and is closed until that is done. If 'millrace move' was "
                + "interrupted, run it again.",
                StorageProblem.Busy),
            _ => null,
        };
}
