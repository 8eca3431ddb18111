namespace Millrace.Storage.Moves;

/// <summary>One of the two storages of a move. Called by one mover, while applications use the store.</summary>
internal interface IMoveEndpoint
{
    /// <summary>Returns the contents of the storage and its role in a move, without any change.</summary>
    ValueTask<MoveState> GetState(CancellationToken cancellationToken);

    /// <summary>Throws if the store is closed to applications, as opening it does.</summary>
    /// <exception cref="StorageException">The store was moved, or is being filled.</exception>
    ValueTask RefuseClosed(CancellationToken cancellationToken);

    /// <summary>
    /// Starts to record which rows outside the log are written and which events are removed. Applications continue.
    /// Calling it again adds what is missing.
    /// </summary>
    /// <param name="other">The description of the target.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask StartSource(string other, CancellationToken cancellationToken);

    /// <summary>Creates an empty store if there is none, and closes it to all clients except the mover.</summary>
    /// <param name="other">The description of the source.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask StartTarget(string other, CancellationToken cancellationToken);

    /// <summary>Also records writes to collections that were created since.</summary>
    ValueTask NoteCollections(CancellationToken cancellationToken);

    /// <summary>Removes notes whose changes were copied.</summary>
    ValueTask Forget(IReadOnlyList<long> notes, CancellationToken cancellationToken);

    /// <summary>Starts a transaction.</summary>
    /// <exception cref="StorageException">A fence could not be acquired quickly:
    /// <see cref="StorageProblem.Busy"/>.</exception>
    ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken);

    /// <summary>
    /// Removes everything that was created for the move: the store is open to all clients, and changes are no longer
    /// recorded.
    /// </summary>
    ValueTask End(CancellationToken cancellationToken);
}
