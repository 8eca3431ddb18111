namespace Millrace.Storage.Caching;

/// <summary>
/// A storage whose log is read from memory where possible. Every commit is durable in the primary storage before it is
/// acknowledged, and all other data is read there.
/// </summary>
internal sealed class CachedStorage : IStorage
{
    private readonly CachedLog _log;

    /// <param name="primary">The storage with the data.</param>
    /// <param name="copy">What is kept in memory.</param>
    public CachedStorage(IStorage primary, ILogCopy copy)
    {
        Primary = primary;
        Copy = copy;
        _log = new CachedLog(primary.Log, copy);
    }

    /// <summary>Gets the storage with the data.</summary>
    public IStorage Primary { get; }

    /// <summary>Gets what is kept in memory.</summary>
    public ILogCopy Copy { get; }

    public string Description => $"{Primary.Description}, read from memory";

    public ILogStorage Log => _log;

    public IDocumentStorage Documents => Primary.Documents;

    public ILeaseStorage Leases => Primary.Leases;

    public IDeadLetterStorage DeadLetters => Primary.DeadLetters;

    public IMaintenanceStorage Maintenance => Primary.Maintenance;

    public IQueryPlanner? Planner => Primary.Planner is { } planner ? new CachedPlanner(planner, _log, Copy) : null;

    public string? DataDirectory => Primary.DataDirectory;

    public string? MissingFile => Primary.MissingFile;

    /// <summary>Returns the storage with the data, without caches.</summary>
    public static IStorage PrimaryOf(IStorage storage) => storage is CachedStorage cached ? cached.Primary : storage;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await Primary.Open(cancellationToken).ConfigureAwait(false);
        await _log.CatchUp(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask Ping(CancellationToken cancellationToken) => Primary.Ping(cancellationToken);

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        Primary.ReadSnapshot(query, cancellationToken);

    public ValueTask DisposeAsync() => Primary.DisposeAsync();
}
