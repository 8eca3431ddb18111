namespace Millrace.Storage;

/// <summary>What operators need of a storage.</summary>
public interface IMaintenanceStorage
{
    /// <summary>What the store holds.</summary>
    ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken);

    /// <summary>Writes a consistent copy while the store is used.</summary>
    /// <param name="destination">Where to; what stands there already is never overwritten.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Gives up and removes the unfinished copy.</param>
    ValueTask Backup(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Checks every promise on the whole store, reading all of it once.</summary>
    ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken);

    /// <summary>Begins a new epoch of the log, as after a restore.</summary>
    ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken);

    /// <summary>
    /// Removes all that is kept beside the log under names that begin with a prefix, as of a tenant that leaves:
    /// collections with their documents, read models, consumers with their leases, pauses and dead letters, claims and
    /// handled ids, both by their scopes. Events and the records of removals stay.
    /// </summary>
    /// <remarks>Nobody uses any of it meanwhile. What was interrupted is ended by calling it again.</remarks>
    /// <param name="prefix">What the names begin with, compared ordinally; not empty.</param>
    /// <param name="cancellationToken">Gives up; some of it may be removed then.</param>
    ValueTask Forget(string prefix, CancellationToken cancellationToken);
}

/// <summary>What a store holds.</summary>
public sealed record StoreInfo
{
    /// <summary>The end of the log.</summary>
    public required LogHead Head { get; init; }

    /// <summary>How many events there are.</summary>
    public required long Events { get; init; }

    /// <summary>How many streams there are, deleted ones included.</summary>
    public required long Streams { get; init; }

    /// <summary>How many bytes it takes on disk; 0 in memory.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The version of its schema.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>How many events were removed, by record.</summary>
    public required long RemovedEvents { get; init; }

    /// <summary>Events by type, most first, as far as there are 100 types.</summary>
    public IReadOnlyList<TypeCount> Types { get; init; } = [];

    /// <summary>Facts of the storage's own, such as its journal mode.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];
}

/// <summary>How many events there are of a type.</summary>
/// <param name="Type">The stored name of the type.</param>
/// <param name="Events">How many.</param>
public sealed record TypeCount(string Type, long Events);

/// <summary>How far a long operation is.</summary>
/// <param name="Done">How much is done.</param>
/// <param name="Total">How much there is; 0 when not known.</param>
/// <param name="What">What is being done.</param>
public readonly record struct MaintenanceProgress(long Done, long Total, string What);

/// <summary>What a check of a whole store found.</summary>
/// <param name="Checks">Each promise and whether it holds.</param>
/// <param name="RemovedEvents">How many events are gone by record.</param>
/// <param name="LostEvents">How many are gone without one.</param>
public sealed record VerifyReport(IReadOnlyList<VerifyCheck> Checks, long RemovedEvents, long LostEvents)
{
    /// <summary>True when every promise holds.</summary>
    public bool IsSound => Checks.All(check => check.Problems.Count == 0);
}

/// <summary>A promise that was checked.</summary>
/// <param name="Promise">The promise, in a sentence.</param>
/// <param name="Examined">How many things were looked at.</param>
/// <param name="Problems">Where it does not hold: the first hundred.</param>
public sealed record VerifyCheck(string Promise, long Examined, IReadOnlyList<string> Problems);
