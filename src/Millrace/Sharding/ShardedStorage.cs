using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Sharding;

/// <summary>
/// The storage of the store that an application uses if its streams are in several shards. It passes each read and each
/// commit to the store of the stream's shard.
/// </summary>
internal sealed class ShardedStorage : IStorage, ISharedCommitQueue
{
    private readonly IShardStores _shards;
    private readonly ShardedCommits _commits;
    private readonly ShardedLog _log;
    private volatile bool _isClosed;

    public ShardedStorage(IShardStores shards)
    {
        _shards = shards;
        var fences = new MapFences();
        var placer = new StreamPlacer(shards, fences);
        _commits = new ShardedCommits(shards, placer, fences);
        _log = new ShardedLog(shards, placer, _commits);
        Documents = new ShardedDocuments(shards);
        Maintenance = new ShardedMaintenance(shards);
        Placer = placer;
    }

    /// <summary>Gets the finder of the shards of streams.</summary>
    public StreamPlacer Placer { get; }

    public string Description => "the stores of several shards";

    public ILogStorage Log => _log;

    public IDocumentStorage Documents { get; }

    public ILeaseStorage Leases => throw new NotAcrossShardsException(
        "There are no consumers of all shards", "Each shard has its own consumers: take the store of a shard.");

    public IDeadLetterStorage DeadLetters => throw new NotAcrossShardsException(
        "There are no dead letters of all shards", "Each shard has its own dead letters: take the store of a shard.");

    public IMaintenanceStorage Maintenance { get; }

    public ValueTask Open(CancellationToken cancellationToken) => _shards.Open(cancellationToken);

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        _log.ReadSnapshot(query, cancellationToken);

    public Task<CommitOutcome> Commit(
        CommitRequest request, bool isBackground, CancellationToken cancellationToken) =>
        _isClosed
            ? throw new StorageException("The store is closed and accepts no more requests.", StorageProblem.Closed)
            : _commits.Commit(request, isBackground, cancellationToken);

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return _shards.DisposeAsync();
    }
}
