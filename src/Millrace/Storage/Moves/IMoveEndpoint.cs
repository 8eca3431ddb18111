namespace Millrace.Storage.Moves;

/// <summary>One of the two storages of a move. Called by one mover, beside the applications that use the
/// store.</summary>
internal interface IMoveEndpoint
{
    /// <summary>What stands there, and what it is in a move. Changes nothing.</summary>
    ValueTask<MoveState> GetState(CancellationToken cancellationToken);

    /// <summary>Refuses a store that is closed to applications, as opening it does.</summary>
    /// <exception cref="StorageException">It was moved, or is being filled.</exception>
    ValueTask RefuseClosed(CancellationToken cancellationToken);

    /// <summary>
    /// Begins to note which rows beside the log are written and which events are removed. Applications go on. Calling
    /// it again adds what is missing.
    /// </summary>
    /// <param name="other">The target, in words.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StartSource(string other, CancellationToken cancellationToken);

    /// <summary>Makes an empty store if there is none, and closes it to everyone but the mover.</summary>
    /// <param name="other">The source, in words.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask StartTarget(string other, CancellationToken cancellationToken);

    /// <summary>Notes also what is written to collections that were made since.</summary>
    ValueTask NoteCollections(CancellationToken cancellationToken);

    /// <summary>Forgets notes that were carried over.</summary>
    ValueTask Forget(IReadOnlyList<long> notes, CancellationToken cancellationToken);

    /// <summary>Begins a transaction.</summary>
    /// <exception cref="StorageException">A fence could not be had in a short time:
    /// <see cref="StorageProblem.Busy"/>.</exception>
    ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken);

    /// <summary>Takes everything away that was made for the move: the store is open to everyone, and nothing is noted
    /// any more.</summary>
    ValueTask End(CancellationToken cancellationToken);
}
