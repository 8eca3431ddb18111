using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>A correct storage in memory. A fault replaces some of its parts.</summary>
internal sealed class FaultyStorage : IStorage
{
    private readonly InMemoryStorage _inner = new();

    public FaultyStorage()
    {
        Log = _inner.Log;
        Documents = _inner.Documents;
        Leases = _inner.Leases;
        DeadLetters = _inner.DeadLetters;
        Maintenance = _inner.Maintenance;
    }

    public string Description => "faulty";

    public ILogStorage Log { get; init; }

    public IDocumentStorage Documents { get; init; }

    public ILeaseStorage Leases { get; init; }

    public IDeadLetterStorage DeadLetters { get; init; }

    public IMaintenanceStorage Maintenance { get; init; }

    public IStorage Inner => _inner;

    public static FaultyStorage WithLog(Func<IStorage, ILogStorage> create)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Log = create(storage.Inner) };
    }

    public static FaultyStorage WithDocuments(Func<IStorage, IDocumentStorage> create)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Documents = create(storage.Inner) };
    }

    public static FaultyStorage With(
        Func<IStorage, ILogStorage> makeLog, Func<IStorage, IDocumentStorage> makeDocuments)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Log = makeLog(storage.Inner), Documents = makeDocuments(storage.Inner) };
    }

    public static FaultyStorage WithLeases(Func<IStorage, ILeaseStorage> create)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Leases = create(storage.Inner) };
    }

    public static FaultyStorage WithDeadLetters(Func<IStorage, IDeadLetterStorage> create)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { DeadLetters = create(storage.Inner) };
    }

    public static FaultyStorage WithMaintenance(Func<IStorage, IMaintenanceStorage> create)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Maintenance = create(storage.Inner) };
    }

    public ValueTask Open(CancellationToken cancellationToken) => _inner.Open(cancellationToken);

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    private FaultyStorage(FaultyStorage source)
    {
        _inner = source._inner;
        Log = source.Log;
        Documents = source.Documents;
        Leases = source.Leases;
        DeadLetters = source.DeadLetters;
        Maintenance = source.Maintenance;
    }
}

/// <summary>Forwards all calls. A fault overrides the methods that it changes.</summary>
internal abstract class FaultyLog(IStorage inner) : ILogStorage
{
    protected IStorage Inner { get; } = inner;

    public bool CommitsOnCallingThread => true;

    public virtual ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        Inner.Log.Commit([.. batch.Select(ApplyFault)], now, cancellationToken);

    public virtual ValueTask<LogHead> GetHead(CancellationToken cancellationToken) =>
        Inner.Log.GetHead(cancellationToken);

    public virtual ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        Inner.Log.WaitForChange(seen, cancellationToken);

    public virtual async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        ApplyFault(await Inner.Log.ReadStream(query, cancellationToken));

    public virtual async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        ApplyFault(await Inner.Log.ReadLog(query, cancellationToken));

    public virtual async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        await Inner.Log.FindEvent(id, cancellationToken) is { } found ? ApplyFault(found) : null;

    public virtual async ValueTask<RecordedEvent?> FindEvent(
        StreamId stream,
        Guid id,
        CancellationToken cancellationToken
    ) => await Inner.Log.FindEvent(stream, id, cancellationToken) is { } found ? ApplyFault(found) : null;

    public virtual ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        Inner.Log.Count(filter, cancellationToken);

    public virtual ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        Inner.Log.GetStream(stream, cancellationToken);

    public virtual ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        Inner.Log.ListStreams(prefix, after, limit, cancellationToken);

    public virtual ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        Inner.Log.FindClaim(scope, value, cancellationToken);

    public virtual ValueTask<HandledAnswer?> FindHandled(
        string scope,
        string id,
        CancellationToken cancellationToken) => Inner.Log.FindHandled(scope, id, cancellationToken);

    public virtual ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        Inner.Log.ListHandled(after, limit, cancellationToken);

    public virtual ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => Inner.Log.ListRemovals(stream, cancellationToken);

    public virtual ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        Inner.Log.ReadRemovals(after, limit, cancellationToken);

    /// <summary>Changes a request before it is forwarded.</summary>
    protected virtual CommitRequest ApplyFault(CommitRequest request) => request;

    /// <summary>Changes an event before it is returned.</summary>
    protected virtual RecordedEvent ApplyFault(RecordedEvent recorded) => recorded;

    /// <summary>Changes a page before it is returned.</summary>
    protected virtual EventPage ApplyFault(EventPage page) =>
        page with
        {
            Events = [.. page.Events.Select(ApplyFault)],
        };
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyDocuments(IStorage inner) : IDocumentStorage
{
    protected IDocumentStorage Inner { get; } = inner.Documents;

    public virtual ValueTask<bool> EnsureCollection(
        CollectionDefinition collection,
        CancellationToken cancellationToken) => Inner.EnsureCollection(collection, cancellationToken);

    public virtual ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        Inner.Get(collection, key, cancellationToken);

    public virtual ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Inner.GetMany(collection, keys, cancellationToken);

    public virtual ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        Inner.Query(query, cancellationToken);

    public virtual ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        Inner.Count(collection, conditions, cancellationToken);

    public virtual ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) =>
        Inner.List(cancellationToken);

    public virtual ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        Inner.Clear(collection, consumer, cancellationToken);

    public virtual ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        Inner.Drop(collection, now, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        Inner.ListReadModels(cancellationToken);

    public virtual ValueTask<bool> PutReadModel(
        ReadModelRecord record,
        string? reached,
        CancellationToken cancellationToken) => Inner.PutReadModel(record, reached, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyLeases(IStorage inner) : ILeaseStorage
{
    protected ILeaseStorage Inner { get; } = inner.Leases;

    public virtual ValueTask<ConsumerRecord> Acquire(
        string consumer,
        int partition,
        string holder,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => Inner.Acquire(consumer, partition, holder, duration, now, cancellationToken);

    public virtual ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        Inner.Release(consumer, partition, epoch, cancellationToken);

    public virtual ValueTask Report(
        string consumer,
        int partition,
        long epoch,
        string state,
        string? error,
        DateTimeOffset now,
        CancellationToken cancellationToken
    ) => Inner.Report(consumer, partition, epoch, state, error, now, cancellationToken);

    public virtual ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        Inner.SetPaused(consumer, isPaused, cancellationToken);

    public virtual ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        Inner.Reset(consumer, checkpoint, cancellationToken);

    public virtual ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        Inner.Divide(consumer, partitions, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        Inner.List(cancellationToken);

    public virtual ValueTask<IReadOnlyList<ConsumerRecord>> Find(
        string consumer, CancellationToken cancellationToken) => Inner.Find(consumer, cancellationToken);

    public virtual ValueTask AnnounceNode(
        string node,
        IReadOnlyList<string> consumers,
        TimeSpan duration,
        DateTimeOffset now,
        CancellationToken cancellationToken) => Inner.AnnounceNode(node, consumers, duration, now, cancellationToken);

    public virtual ValueTask RemoveNode(string node, CancellationToken cancellationToken) =>
        Inner.RemoveNode(node, cancellationToken);

    public virtual ValueTask<LeaseTable> Inspect(DateTimeOffset now, CancellationToken cancellationToken) =>
        Inner.Inspect(now, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyDeadLetters(IStorage inner) : IDeadLetterStorage
{
    protected IDeadLetterStorage Inner { get; } = inner.DeadLetters;

    public virtual ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) =>
        Inner.Get(id, cancellationToken);

    public virtual ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        Inner.Find(consumer, partition, position, key, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query, CancellationToken cancellationToken) => Inner.List(query, cancellationToken);

    public virtual ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        Inner.Count(query, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer,
        int limit,
        CancellationToken cancellationToken) => Inner.ListGroups(consumer, limit, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyMaintenance(IStorage inner) : IMaintenanceStorage
{
    protected IStorage Inner { get; } = inner;

    public virtual ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) =>
        Inner.Maintenance.GetInfo(cancellationToken);

    public virtual ValueTask Backup(
        string destination,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken) => Inner.Maintenance.Backup(destination, progress, cancellationToken);

    public virtual ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken) => Inner.Maintenance.Verify(progress, cancellationToken);

    public virtual ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) =>
        Inner.Maintenance.StartEpoch(cancellationToken);

    public virtual ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken) =>
        Inner.Maintenance.RemoveByPrefix(prefix, cancellationToken);
}
