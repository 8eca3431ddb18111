namespace Millrace.Storage;

/// <summary>
/// All that a database must do for Millrace, in five small parts. Proven by the conformance suite in <c>Millrace.Testing</c>.
/// </summary>
/// <remarks>
/// All members may be called from several threads at once, except <see cref="ILogStorage.Commit"/>, which one writer calls.
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
}
