namespace Millrace.Storage;

/// <summary>
/// The storage of a store. The interface contains all operations that Millrace needs from a database, in five parts.
/// The conformance suite in <c>Millrace.Testing</c> tests these operations.
/// </summary>
/// <remarks>
/// Several threads may call all members at the same time, except <see cref="ILogStorage.Commit"/>. Only one writer
/// calls that method at a time.
/// </remarks>
public interface IStorage : IAsyncDisposable
{
    /// <summary>Gets the display name, such as <c>SQLite shop.db</c>.</summary>
    string Description { get; }

    /// <summary>Gets the log.</summary>
    ILogStorage Log { get; }

    /// <summary>
    /// Gets the documents, which are read models, snapshots and other state that is derived from the log.
    /// </summary>
    IDocumentStorage Documents { get; }

    /// <summary>Gets the consumers, with their leases, checkpoints and states.</summary>
    ILeaseStorage Leases { get; }

    /// <summary>Gets the dead letters, which are events that consumers could not handle.</summary>
    IDeadLetterStorage DeadLetters { get; }

    /// <summary>Gets the maintenance operations, such as backup and verification.</summary>
    IMaintenanceStorage Maintenance { get; }

    /// <summary>Gets the explanations of queries; null, the default, if the storage cannot explain them.</summary>
    IQueryPlanner? Planner => null;

    /// <summary>
    /// Gets the directory on this machine that contains the data; null, the default, if the data is in memory or on
    /// another machine.
    /// </summary>
    string? DataDirectory => null;

    /// <summary>
    /// Gets the full path of the file that <see cref="Open"/> would create; null, the default, if the file exists, or
    /// the data is not in a file.
    /// </summary>
    string? MissingFile => null;

    /// <summary>
    /// Opens the database and upgrades its schema. If the storage is already open, this method has no effect.
    /// </summary>
    /// <exception cref="StorageException">The database cannot be used. The message contains the reason and the
    /// fix.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>
    /// Checks that the database answers, for probes of this node. By default, this method reads the end of the log. A
    /// storage overrides it to use a separate connection, so that a pool whose connections are all in use does not
    /// look like a lost database.
    /// </summary>
    /// <remarks>Probes call the method every half second, and stop waiting for the answer after one second.</remarks>
    /// <exception cref="StorageException">The database cannot be used.</exception>
    async ValueTask Ping(CancellationToken cancellationToken) =>
        await Log.GetHead(cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Reads a snapshot, the head of its stream, and the events after the snapshot. By default, the method reads only
    /// the snapshot and then the head, and the caller must read the events. A storage can override the method to read
    /// all parts in one request.
    /// </summary>
    /// <remarks>
    /// The head of the stream is never older than the snapshot. If there is no snapshot, the events start with the
    /// first readable event of the stream.
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
