namespace Millrace.Storage;

/// <summary>The operations of a storage for operators.</summary>
public interface IMaintenanceStorage
{
    /// <summary>Gets information about the store.</summary>
    ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken);

    /// <summary>
    /// Returns a text that identifies the stored log: all nodes with the store get the same text, and nodes with
    /// another store or with a copy of the store get another one. It can change, for example when a database server is
    /// promoted. Null, the default, if the storage cannot identify the log.
    /// </summary>
    ValueTask<string?> GetIdentity(CancellationToken cancellationToken) => new((string?)null);

    /// <summary>Writes a consistent copy while the store is in use.</summary>
    /// <param name="destination">The destination. Existing data is never overwritten.</param>
    /// <param name="progress">Receives the progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation and removes the unfinished copy.</param>
    ValueTask Backup(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Verifies all guarantees of the store. The storage reads the whole store once.</summary>
    ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Starts a new epoch of the log, for example after a restore.</summary>
    ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken);

    /// <summary>
    /// Removes all data outside the log whose names start with a prefix, for example the data of a removed tenant. This
    /// data consists of collections with their documents, read models, consumers with their leases, pauses and dead
    /// letters, and claims and handled ids with their scopes. Events and the records of removals remain.
    /// </summary>
    /// <remarks>
    /// The data must not be in use. After an interruption, call the method again to remove the remaining data.
    /// </remarks>
    /// <param name="prefix">The prefix of the names, compared ordinally; not empty.</param>
    /// <param name="cancellationToken">Cancels the operation; some data may already be removed.</param>
    ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken);
}

/// <summary>Information about a store.</summary>
public sealed record StoreInfo
{
    /// <summary>Gets the end of the log.</summary>
    public required LogHead Head { get; init; }

    /// <summary>Gets the number of events.</summary>
    public required long Events { get; init; }

    /// <summary>Gets the number of streams, including deleted streams.</summary>
    public required long Streams { get; init; }

    /// <summary>Gets the size on disk in bytes; 0 in memory.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Gets the version of the database schema.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>Gets the number of removed events, as counted in the records of removals.</summary>
    public required long RemovedEvents { get; init; }

    /// <summary>Gets the number of events by type, most frequent first; at most 100 types.</summary>
    public IReadOnlyList<TypeCount> Types { get; init; } = [];

    /// <summary>Gets additional information that is specific to the storage, such as the journal mode.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];
}

/// <summary>The number of events of a type.</summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="Events">The number of events.</param>
public sealed record TypeCount(string Type, long Events);

/// <summary>The progress of a long operation.</summary>
/// <param name="Done">The amount of finished work, such as a number of events or pages.</param>
/// <param name="Total">The total amount of work; 0 if it is unknown.</param>
/// <param name="Step">A short text that describes the current step.</param>
public readonly record struct MaintenanceProgress(long Done, long Total, string Step);

/// <summary>The result of verifying a whole store.</summary>
/// <param name="Checks">The checked guarantees with their problems.</param>
/// <param name="RemovedEvents">The number of missing events with a record of their removal.</param>
/// <param name="LostEvents">The number of missing events without a record.</param>
public sealed record VerifyReport(IReadOnlyList<VerifyCheck> Checks, long RemovedEvents, long LostEvents)
{
    /// <summary>
    /// Gets what could not be checked, each with the reason, for example an archive whose disk is not mounted.
    /// </summary>
    public IReadOnlyList<string> NotChecked { get; init; } = [];

    /// <summary>Gets whether every guarantee that was checked holds.</summary>
    public bool IsSound => Checks.All(check => check.Problems.Count == 0);
}

/// <summary>A guarantee that was checked.</summary>
/// <param name="Guarantee">The guarantee, as a sentence.</param>
/// <param name="Examined">The number of examined items.</param>
/// <param name="Problems">The violations: at most the first hundred.</param>
public sealed record VerifyCheck(string Guarantee, long Examined, IReadOnlyList<string> Problems);
