namespace Millrace.Storage.Moves;

/// <summary>
/// A transaction of a mover. All reads return the same state of the store, and the writes take effect on commit.
/// </summary>
public interface IMoveSession : IAsyncDisposable
{
    /// <summary>Returns the identity of the store and the end of its log.</summary>
    ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken);

    /// <summary>
    /// Reads events and verifies their checksums. The result may contain fewer events than the limit. It is empty only
    /// if the range contains no events.
    /// </summary>
    /// <param name="from">The first position, inclusive.</param>
    /// <param name="to">The last position, inclusive.</param>
    /// <param name="limit">The maximum number of events.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken);

    /// <summary>Lists the collections of documents.</summary>
    ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken);

    /// <summary>Reads rows in the storage's own order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The last row of the previous page; null to start.</param>
    /// <param name="limit">The maximum number of rows.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table, MovedRow? after, int limit, CancellationToken cancellationToken);

    /// <summary>Finds the stored rows that have the same keys as the rows in <paramref name="keys"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="keys">Keys, or rows whose other columns are ignored.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken);

    /// <summary>Reads the recorded changes, in order.</summary>
    /// <param name="after">The number of the last change on the previous page; 0 to start.</param>
    /// <param name="limit">The maximum number of changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<IReadOnlyList<MoveNote>> ReadNotes(long after, int limit, CancellationToken cancellationToken);

    /// <summary>Writes events at their positions, after the last event of the store.</summary>
    ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken);

    /// <summary>Removes events. Positions without an event are skipped.</summary>
    ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken);

    /// <summary>
    /// Creates a collection. If the collection exists with other fields, the method creates it again, without
    /// documents.
    /// </summary>
    ValueTask CreateCollection(CollectionDefinition collection, CancellationToken cancellationToken);

    /// <summary>Removes a collection with its documents, if it exists.</summary>
    ValueTask DropCollection(string collection, CancellationToken cancellationToken);

    /// <summary>Writes rows. Existing rows with the same keys are replaced.</summary>
    ValueTask Put(MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken);

    /// <summary>
    /// Removes the stored rows that have the same keys as the rows in <paramref name="keys"/>. Other columns are
    /// ignored.
    /// </summary>
    ValueTask Remove(MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken);

    /// <summary>Copies the identity and the counters of the other store to this store.</summary>
    ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken);

    /// <summary>Sets the role of the store in the move.</summary>
    ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken);

    /// <summary>Commits the writes. A session that is disposed without a commit writes nothing.</summary>
    ValueTask Commit(CancellationToken cancellationToken);
}
