using Millrace.Storage.Caching;

namespace Millrace.Storage.Archives;

/// <summary>
/// A storage whose readers receive archived contents as if they were in the store. The storage keeps all other values
/// of the events, so that it decides commits and filters reads alone.
/// </summary>
internal sealed class ArchivedStorage : IStorage
{
    private readonly ArchiveContents _contents;

    /// <param name="inner">The storage with the references to the archive.</param>
    /// <param name="access">How the archive is read; null if the program cannot read it.</param>
    public ArchivedStorage(IStorage inner, ArchiveAccess? access)
    {
        Inner = inner;
        _contents = new ArchiveContents(inner, access);
        Log = new ArchivedLog(inner.Log, _contents);
        Maintenance = new ArchivedMaintenance(inner, access);
    }

    /// <summary>Gets the storage with the references to the archive.</summary>
    public IStorage Inner { get; }

    public string Description => Inner.Description;

    public ILogStorage Log { get; }

    public IDocumentStorage Documents => Inner.Documents;

    public ILeaseStorage Leases => Inner.Leases;

    public IDeadLetterStorage DeadLetters => Inner.DeadLetters;

    public IMaintenanceStorage Maintenance { get; }

    public IQueryPlanner? Planner => Inner.Planner;

    public string? DataDirectory => Inner.DataDirectory;

    public string? MissingFile => Inner.MissingFile;

    /// <summary>
    /// Returns a storage that reads archives, or refuses to read archived events if it has no access.
    /// </summary>
    public static IStorage Over(IStorage storage) =>
        storage is ArchivedStorage or CachedStorage || storage.Log is ISharedLogPart or IShardedLog
            ? storage
            : new ArchivedStorage(storage, access: null);

    /// <summary>Returns the storage with the references to the archive, as it is in the database.</summary>
    public static IStorage InnerOf(IStorage storage) => storage is ArchivedStorage archived ? archived.Inner : storage;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await Inner.Open(cancellationToken).ConfigureAwait(false);
        await _contents.Check(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask Ping(CancellationToken cancellationToken) => Inner.Ping(cancellationToken);

    public async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var stored = await Inner.ReadSnapshot(query, cancellationToken).ConfigureAwait(false);
        if (stored.EventsAfter is not { } page)
            return stored;
        var resolved = await _contents.Resolve(page, isBrief: false, cancellationToken).ConfigureAwait(false);
        return stored with { EventsAfter = resolved };
    }

    public ValueTask DisposeAsync() => Inner.DisposeAsync();
}
