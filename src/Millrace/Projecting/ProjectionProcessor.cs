using Millrace.Consuming;
using Millrace.Consuming.Partitions;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>
/// The processor of an asynchronous projection. It folds events into documents, which are committed together with its
/// checkpoint.
/// </summary>
/// <remarks>
/// A <see cref="ConsumerRun"/> reads the events and calls the processor. It folds many events in memory before it
/// writes each document once. A document contains the position of its last event. This event and earlier ones are not
/// folded into it again, so the documents of a large batch can be written in several commits. The last commit contains
/// the checkpoint and all removals, because a removed document has no position.
/// </remarks>
internal sealed class ProjectionProcessor<TKey, TDocument> : ConsumerProcessor
    where TKey : notnull
    where TDocument : class
{
    private const int MinForParallelFold = 256;
    private const long CachedBytes = 64 * 1024 * 1024;

    private readonly ProjectionDefinition<TKey, TDocument> _definition;
    private readonly PartitionKeys _share;
    private readonly EventStore _store;
    private readonly ConsumerOptions _options;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly DocumentCache<TKey, TDocument> _cache;
    private readonly FoldWorker<TKey, TDocument>[] _workers;
    private readonly FoldPlan<TKey, TDocument> _plan;
    private readonly List<CachedDocument<TKey, TDocument>> _dirty = [];
    private readonly int _maxDirty;

    public ProjectionProcessor(
        ProjectionDefinition<TKey, TDocument> definition, EventStore store, ConsumerOptions options, string collection,
        PartitionKeys share = default)
    {
        _definition = definition;
        _store = store;
        _options = options;
        _share = share;
        Name = collection;
        Filter = EventFilter.OfTypes(StoredEventTypes.NamesOf(store.Types, definition.Events));
        _format = new DocumentFormat<TKey, TDocument>(definition, collection);
        var documents = options.CachedDocuments / share.Count;
        var bytes = CachedBytes / share.Count;
        _cache = new DocumentCache<TKey, TDocument>(store, _format, documents, bytes, options.WorkerCount);
        _workers = new FoldWorker<TKey, TDocument>[options.WorkerCount];
        for (var i = 0; i < _workers.Length; i++)
            _workers[i] = new FoldWorker<TKey, TDocument>(
                definition.CreateProjection(), _format.StoredKey, i, share.IsWhole ? null : IsOwn);
        Expiring = _format.Expiry is { } expiry
            ? new ExpiringDocuments(store, collection, expiry.Column, share)
            : null;
        _plan = new FoldPlan<TKey, TDocument>(_format, _cache, _workers, share);
        _maxDirty = Math.Max(options.CommitDocuments, documents / 2);
    }

    public override string Name { get; }

    public override EventFilter Filter { get; }

    public override IReadOnlyList<string> Predecessors => VersionCollections.Before(Name, _store.ReadModels);

    public override bool CanBeDivided => true;

    public override bool HasEffects => true;

    public override bool IsPure => true;

    public override bool IsFull => _dirty.Count >= _maxDirty;

    public override ExpiringDocuments? Expiring { get; }

    public override ConsumerProcessor CreateShare(PartitionKeys share) =>
        new ProjectionProcessor<TKey, TDocument>(_definition, _store, _options, Name, share);

    public override async ValueTask Prepare(CancellationToken cancellationToken)
    {
        await _store.Storage.Documents.EnsureCollection(_format.Collection, cancellationToken).ConfigureAwait(false);
        await new ExpiryStore(_store).Put(Name, _definition.Expiry, cancellationToken).ConfigureAwait(false);
        _store.IndexRequests.Add(_format.Collection, _definition.Indexes);
    }

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _dirty.Clear();
        foreach (var worker in _workers)
            worker.Forget();
        Expiring?.SearchAgain();
        return _cache.Start(checkpoint == 0, cancellationToken);
    }

    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        if (_dirty.Count == 0)
            _cache.ForgetErased();
        var count = events.Count < MinForParallelFold ? 1 : _workers.Length;
        // A decision may have moved an event to a key of this partition. The plan then decides to which partition the
        // event belongs.
        var takesAllKeys = !blockedKeys.IsEmpty;
        await RunWorkers(count, worker => _workers[worker].CollectKeys(events, worker, count, takesAllKeys))
            .ConfigureAwait(false);
        var changes = _plan.Of(events, count, blockedKeys);
        await _cache.LoadMissing(cancellationToken).ConfigureAwait(false);
        await RunWorkers(count, worker => _workers[worker].Fold(changes, count, blockedKeys)).ConfigureAwait(false);
        ThrowFirstFailure(count);
        for (var worker = 0; worker < count; worker++)
            _dirty.AddRange(_workers[worker].TakeDirty());
    }

    public override async ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        var worker = _workers[0];
        var changes = _plan.OfRetriedEvent(worker, retried);
        await _cache.LoadMissing(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var (recorded, document, _) in changes)
                worker.Apply(recorded, document);
        }
        finally
        {
            _dirty.AddRange(worker.TakeDirty()); // After a failure, all documents are dropped.
        }
    }

    public override IReadOnlyList<string> KeysOf(RecordedEvent recorded)
    {
        try
        {
            var keys = new List<TKey>();
            _workers[0].CollectKeys(recorded, keys);
            var texts = keys.ConvertAll(_format.KeyText);
            return _share.IsWhole ? texts : texts.FindAll(text => _share.Owns(text));
        }
#pragma warning disable CA1031 // After any exception of application code, the keys are unknown.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [""];
        }
    }

    public override async ValueTask<IReadOnlyList<ConsumerEffects>> Collect()
    {
        var bodies = new byte[_dirty.Count][];
        var count = _dirty.Count < MinForParallelFold ? 1 : _workers.Length;
        await RunWorkers(count, worker => WriteShare(bodies, worker, count)).ConfigureAwait(false);
        var changes = new List<DocumentChange>(bodies.Length);
        for (var i = 0; i < bodies.Length; i++)
        {
            _cache.Resize(_dirty[i], bodies[i]?.Length ?? 0);
            if (ChangeOf(_dirty[i], bodies[i]) is { } change)
                changes.Add(change);
        }
        return ConsumerEffects.Divide(changes, _options.CommitDocuments, _options.CommitBytes);
    }

    public override void Committed()
    {
        foreach (var cached in _dirty)
        {
            (cached.IsDirty, cached.IsStored) = (false, cached.Document is not null);
            if (Expiring is not null && cached.Document is { } document)
                Expiring.Note(_format.Expiry!.ExpiresAt(document)); // Not null, because documents can expire.
        }
        _dirty.Clear();
        _cache.EndRound();
    }

    private bool IsOwn(string key) => _share.Owns(key);

    private static async ValueTask RunWorkers(int count, Action<int> action)
    {
        if (count == 1)
        {
            action(0);
            return;
        }
        var others = new Task[count - 1];
        for (var i = 0; i < others.Length; i++)
        {
            var worker = i + 1;
            others[i] = Task.Run(() => action(worker));
        }
        action(0);
        await Task.WhenAll(others).ConfigureAwait(false);
    }

    private void ThrowFirstFailure(int count)
    {
        EventFailedException? first = null;
        for (var worker = 0; worker < count; worker++)
        {
            if (_workers[worker].TakeFailure() is { } failure
                && (first is null || failure.Recorded.Position < first.Recorded.Position))
                first = failure;
        }
        if (first is not null)
            throw first;
    }

    private void WriteShare(byte[]?[] bodies, int worker, int count)
    {
        for (var i = worker; i < bodies.Length; i += count)
            bodies[i] = _dirty[i].Document is { } document ? _format.Write(document) : null;
    }

    private DocumentChange? ChangeOf(CachedDocument<TKey, TDocument> cached, byte[]? body)
    {
        if (body is null && !cached.IsStored)
            return null;
        return new DocumentChange
        {
            Collection = Name,
            Key = cached.Text,
            Body = body is null ? (ReadOnlyMemory<byte>?)null : body,
            IsKnownNew = !cached.IsStored,
            Fields = cached.Document is { } document ? _format.Fields(document) : [],
            Position = cached.Position,
        };
    }
}
