namespace Millrace.Storage;

/// <summary>
/// All operations that Millrace needs from a database, in five small parts. The conformance suite in
/// <c>Millrace.Testing</c> tests them.
/// </summary>
/// <remarks>
/// All members may be called from several threads at once, except <see cref="ILogStorage.Commit"/>, which one writer
/// calls.
/// </remarks>
public interface IStorage : IAsyncDisposable
{
    /// <summary>Gets the display name, such as <c>SQLite shop.db</c>.</summary>
    string Description { get; }

    /// <summary>Gets the log: commits and reads.</summary>
    ILogStorage Log { get; }

    /// <summary>Gets the documents: read models, snapshots and other state that is derived from the log.</summary>
    IDocumentStorage Documents { get; }

    /// <summary>Gets the consumers: their leases, checkpoints and states.</summary>
    ILeaseStorage Leases { get; }

    /// <summary>Gets the dead letters: events that consumers could not handle.</summary>
    IDeadLetterStorage DeadLetters { get; }

    /// <summary>Gets the maintenance operations: information, backup and verification.</summary>
    IMaintenanceStorage Maintenance { get; }

    /// <summary>Opens the database and brings its schema up to date; calling it again does nothing.</summary>
    /// <exception cref="StorageException">The database cannot be used; the message contains the reason and the
    /// fix.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>
    /// Reads a snapshot, the head of its stream, and the events after the snapshot. By default they are read one after
    /// another; a storage can override it to read all in one request.
    /// </summary>
    /// <remarks>
    /// The head of the stream is not older than the snapshot. If there is no snapshot, the events start with the first
    /// one of the stream that can be read.
    /// </remarks>
    async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var document = await Documents.Get(query.Collection, query.Key, cancellationToken).ConfigureAwait(false);
        if (document is null)
            return default;
        var head = await Log.GetStream(query.Stream, cancellationToken).ConfigureAwait(false);
        return new StoredSnapshot(document, head, EventsAfter: null);
    }
}
