namespace Millrace.Storage.Moves;

/// <summary>
/// One of the two storages of a move. Only one mover at a time uses this interface. Applications may use the store at
/// the same time.
/// </summary>
public interface IMoveEndpoint
{
    /// <summary>
    /// Gets whether sessions read the rows of tables with scopes in the order of the names of the scopes; false by
    /// default.
    /// </summary>
    bool SortsScopes => false;

    /// <summary>Returns the state of the storage and its role in a move, and changes nothing.</summary>
    ValueTask<MoveState> GetState(CancellationToken cancellationToken);

    /// <summary>Throws the same exception as opening the store if the store is closed to applications.</summary>
    /// <exception cref="StorageException">The store was moved, or is being filled.</exception>
    ValueTask ThrowIfClosed(CancellationToken cancellationToken);

    /// <summary>
    /// Starts to record which rows outside the log are written and which events are removed. Applications can continue
    /// to use the store. After an interruption, call the method again to complete the preparation.
    /// </summary>
    /// <param name="other">The description of the target.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StoreMoveException">Another mover uses the storage.</exception>
    ValueTask StartSource(string other, CancellationToken cancellationToken);

    /// <summary>
    /// Creates an empty store if no store exists, and closes the store to all clients except the mover.
    /// </summary>
    /// <param name="other">The description of the source.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StoreMoveException">Another mover uses the storage.</exception>
    ValueTask StartTarget(string other, CancellationToken cancellationToken);

    /// <summary>Starts to record writes to collections that were created after the last call.</summary>
    ValueTask NoteCollections(CancellationToken cancellationToken);

    /// <summary>Removes notes whose changes were copied.</summary>
    /// <param name="notes">The numbers of the notes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask RemoveNotes(IReadOnlyList<long> notes, CancellationToken cancellationToken);

    /// <summary>Starts a transaction.</summary>
    /// <param name="kind">The purpose of the transaction.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="StorageException">A fence could not be acquired quickly:
    /// <see cref="StorageProblem.Busy"/>.</exception>
    ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken);

    /// <summary>
    /// Removes everything that was created for the move. The store is then open to all clients and no longer records
    /// changes.
    /// </summary>
    ValueTask End(CancellationToken cancellationToken);
}
