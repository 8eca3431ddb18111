using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Conformance.Tests.Faults;

/// <summary>A sound in-memory storage, parts of which a fault replaces.</summary>
internal sealed class FaultyStorage : IStorage
{
    private readonly InMemoryStorage _sound = new();

    public FaultyStorage()
    {
        Log = _sound.Log;
        Documents = _sound.Documents;
        Leases = _sound.Leases;
        DeadLetters = _sound.DeadLetters;
        Maintenance = _sound.Maintenance;
    }

    public string Description => "faulty";

    public ILogStorage Log { get; init; }

    public IDocumentStorage Documents { get; init; }

    public ILeaseStorage Leases { get; init; }

    public IDeadLetterStorage DeadLetters { get; init; }

    public IMaintenanceStorage Maintenance { get; init; }

    public IStorage Sound => _sound;

    public static FaultyStorage WithLog(Func<IStorage, ILogStorage> make)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Log = make(storage.Sound) };
    }

    public static FaultyStorage WithDocuments(Func<IStorage, IDocumentStorage> make)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Documents = make(storage.Sound) };
    }

    public static FaultyStorage With(Func<IStorage, ILogStorage> makeLog, Func<IStorage, IDocumentStorage> makeDocuments)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Log = makeLog(storage.Sound), Documents = makeDocuments(storage.Sound) };
    }

    public static FaultyStorage WithLeases(Func<IStorage, ILeaseStorage> make)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Leases = make(storage.Sound) };
    }

    public static FaultyStorage WithDeadLetters(Func<IStorage, IDeadLetterStorage> make)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { DeadLetters = make(storage.Sound) };
    }

    public static FaultyStorage WithMaintenance(Func<IStorage, IMaintenanceStorage> make)
    {
        var storage = new FaultyStorage();
        return new FaultyStorage(storage) { Maintenance = make(storage.Sound) };
    }

    public ValueTask Open(CancellationToken cancellationToken) => _sound.Open(cancellationToken);

    public ValueTask DisposeAsync() => _sound.DisposeAsync();

    private FaultyStorage(FaultyStorage of)
    {
        _sound = of._sound;
        Log = of.Log;
        Documents = of.Documents;
        Leases = of.Leases;
        DeadLetters = of.DeadLetters;
        Maintenance = of.Maintenance;
    }
}

/// <summary>Hands everything on; a fault overrides what it gets wrong.</summary>
internal abstract class FaultyLog(IStorage sound) : ILogStorage
{
    protected IStorage Sound { get; } = sound;

    public bool CommitsOnCallingThread => true;

    public virtual ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.Log.Commit([.. batch.Select(Spoil)], now, cancellationToken);

    public virtual ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => Sound.Log.GetHead(cancellationToken);

    public virtual ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        Sound.Log.WaitForChange(seen, cancellationToken);

    public virtual async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        Spoil(await Sound.Log.ReadStream(query, cancellationToken));

    public virtual async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        Spoil(await Sound.Log.ReadLog(query, cancellationToken));

    public virtual async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        await Sound.Log.FindEvent(id, cancellationToken) is { } found ? Spoil(found) : null;

    public virtual async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        await Sound.Log.FindEvent(stream, id, cancellationToken) is { } found ? Spoil(found) : null;

    public virtual ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        Sound.Log.Count(filter, cancellationToken);

    public virtual ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        Sound.Log.GetStream(stream, cancellationToken);

    public virtual ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        Sound.Log.ListStreams(prefix, after, limit, cancellationToken);

    public virtual ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        Sound.Log.FindClaim(scope, value, cancellationToken);

    public virtual ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        Sound.Log.FindHandled(scope, id, cancellationToken);

    public virtual ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(StreamId? stream, CancellationToken cancellationToken) =>
        Sound.Log.ListRemovals(stream, cancellationToken);

    public virtual ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        Sound.Log.ReadRemovals(after, limit, cancellationToken);

    /// <summary>Changes a request on its way in.</summary>
    protected virtual CommitRequest Spoil(CommitRequest request) => request;

    /// <summary>Changes an event on its way out.</summary>
    protected virtual RecordedEvent Spoil(RecordedEvent recorded) => recorded;

    /// <summary>Changes a page on its way out.</summary>
    protected virtual EventPage Spoil(EventPage page) => page with { Events = [.. page.Events.Select(Spoil)] };
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyDocuments(IStorage sound) : IDocumentStorage
{
    protected IDocumentStorage Sound { get; } = sound.Documents;

    public virtual ValueTask<bool> EnsureCollection(CollectionDefinition collection, CancellationToken cancellationToken) =>
        Sound.EnsureCollection(collection, cancellationToken);

    public virtual ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken) =>
        Sound.Get(collection, key, cancellationToken);

    public virtual ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken) =>
        Sound.GetMany(collection, keys, cancellationToken);

    public virtual ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken) =>
        Sound.Query(query, cancellationToken);

    public virtual ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken) =>
        Sound.Count(collection, conditions, cancellationToken);

    public virtual ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken) => Sound.List(cancellationToken);

    public virtual ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        Sound.Clear(collection, consumer, cancellationToken);

    public virtual ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.Drop(collection, now, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        Sound.ListReadModels(cancellationToken);

    public virtual ValueTask<bool> PutReadModel(ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        Sound.PutReadModel(record, reached, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyLeases(IStorage sound) : ILeaseStorage
{
    protected ILeaseStorage Sound { get; } = sound.Leases;

    public virtual ValueTask<ConsumerRecord> Acquire(
        string consumer, int partition, string holder, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.Acquire(consumer, partition, holder, duration, now, cancellationToken);

    public virtual ValueTask Release(string consumer, int partition, long epoch, CancellationToken cancellationToken) =>
        Sound.Release(consumer, partition, epoch, cancellationToken);

    public virtual ValueTask Report(
        string consumer, int partition, long epoch, string state, string? error, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.Report(consumer, partition, epoch, state, error, now, cancellationToken);

    public virtual ValueTask SetPaused(string consumer, bool isPaused, CancellationToken cancellationToken) =>
        Sound.SetPaused(consumer, isPaused, cancellationToken);

    public virtual ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken) =>
        Sound.Reset(consumer, checkpoint, cancellationToken);

    public virtual ValueTask<bool> Divide(string consumer, int partitions, CancellationToken cancellationToken) =>
        Sound.Divide(consumer, partitions, cancellationToken);

    public virtual ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) => Sound.List(cancellationToken);

    public virtual ValueTask<IReadOnlyList<ConsumerRecord>> Find(string consumer, CancellationToken cancellationToken) =>
        Sound.Find(consumer, cancellationToken);

    public virtual ValueTask ShowNode(
        string node, IReadOnlyList<string> consumers, TimeSpan duration, DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.ShowNode(node, consumers, duration, now, cancellationToken);

    public virtual ValueTask RemoveNode(string node, CancellationToken cancellationToken) => Sound.RemoveNode(node, cancellationToken);

    public virtual ValueTask<LeaseTable> Look(DateTimeOffset now, CancellationToken cancellationToken) =>
        Sound.Look(now, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyDeadLetters(IStorage sound) : IDeadLetterStorage
{
    protected IDeadLetterStorage Sound { get; } = sound.DeadLetters;

    public virtual ValueTask<DeadLetter?> Get(long id, CancellationToken cancellationToken) => Sound.Get(id, cancellationToken);

    public virtual ValueTask<DeadLetter?> Find(
        string consumer, int partition, long position, string key, CancellationToken cancellationToken) =>
        Sound.Find(consumer, partition, position, key, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DeadLetter>> List(DeadLetterQuery query, CancellationToken cancellationToken) =>
        Sound.List(query, cancellationToken);

    public virtual ValueTask<long> Count(DeadLetterQuery query, CancellationToken cancellationToken) =>
        Sound.Count(query, cancellationToken);

    public virtual ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken) => Sound.ListGroups(consumer, limit, cancellationToken);
}

/// <inheritdoc cref="FaultyLog"/>
internal abstract class FaultyMaintenance(IStorage sound) : IMaintenanceStorage
{
    protected IStorage Sound { get; } = sound;

    public virtual ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) => Sound.Maintenance.GetInfo(cancellationToken);

    public virtual ValueTask Backup(string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Sound.Maintenance.Backup(destination, progress, cancellationToken);

    public virtual ValueTask<VerifyReport> Verify(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Sound.Maintenance.Verify(progress, cancellationToken);

    public virtual ValueTask<LogHead> BeginEpoch(CancellationToken cancellationToken) => Sound.Maintenance.BeginEpoch(cancellationToken);

    public virtual ValueTask Forget(string prefix, CancellationToken cancellationToken) =>
        Sound.Maintenance.Forget(prefix, cancellationToken);
}
