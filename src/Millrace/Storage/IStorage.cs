namespace Millrace.Storage;

/// <summary>
/// All that a database must do for Millrace, in five small parts. Proven by the conformance suite in
/// <c>Millrace.Testing</c>.
/// </summary>
/// <remarks>
/// All members may be called from several threads at once, except <see cref="ILogStorage.Commit"/>, which one writer
/// calls.
/// </remarks>
public interface IStorage : IAsyncDisposable
{
    /// <summary>What it is, for people: <c>SQLite shop.db</c>.</summary>
    string Description { get; }

    /// <summary>The log: commits and reads.</summary>
    ILogStorage Log { get; }

    /// <summary>Documents: read models, snapshots and other state that is derived from the log.</summary>
    IDocumentStorage Documents { get; }

    /// <summary>Consumers: their leases, checkpoints and states.</summary>
    ILeaseStorage Leases { get; }

    /// <summary>Events that consumers could not handle.</summary>
    IDeadLetterStorage DeadLetters { get; }

    /// <summary>Information, backup and verification.</summary>
    IMaintenanceStorage Maintenance { get; }

    /// <summary>Opens the database and brings its schema up to date; calling it again does nothing.</summary>
    /// <exception cref="StorageException">The database cannot be used; says why and what to do.</exception>
    ValueTask Open(CancellationToken cancellationToken);

    /// <summary>
    /// Reads a snapshot, the state of the stream that it is of, and what came behind it. By default they are read one
    /// after the other; a storage that can ask for all at once does so for less.
    /// </summary>
    /// <remarks>
    /// The state of the stream is not older than the snapshot. Where there is no snapshot, the events told begin with
    /// the first of the stream that can be read.
    /// </remarks>
    async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var document = await Documents.Get(query.Collection, query.Key, cancellationToken).ConfigureAwait(false);
        if (document is null)
            return default;
        var head = await Log.GetStream(query.Stream, cancellationToken).ConfigureAwait(false);
        return new StoredSnapshot(document, head, Behind: null);
    }
}
