namespace Millrace.Storage.Moves;

/// <summary>Creates the errors of a move that are the same for every storage.</summary>
public static class MoveRefusal
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

    /// <summary>Creates the error of a storage that another mover uses.</summary>
    /// <param name="store">The description of the store.</param>
    public static StoreMoveException AlreadyMoving(string store) =>
        new(
            $"Another 'millrace move' is running for {store}. Two moves at the same time would conflict. Wait until "
            + "the other move ends, or stop it.");

    /// <summary>Creates the error of a mover that has lost its lock, which another mover may now hold.</summary>
    /// <param name="store">The description of the store.</param>
    public static StoreMoveException MoveOvertaken(string store) =>
        new(
            $"The connection to {store} that prevented other moves was lost. The move has stopped without further "
            + "writes. Run it again to continue.");
}
