using Millrace.Storage;

namespace Millrace;

/// <summary>Folds a projection over history in memory, beside the store and without any effect on it.</summary>
internal abstract class ProjectionTrial(ProjectionDefinition definition, TrialScope scope)
{
    private readonly List<FoldFailure> _failures = [];

    public ProjectionDefinition Definition { get; } = definition;

    /// <summary>The collection it is to be compared with; null when the store has none.</summary>
    public string? Live => scope.Live;

    /// <summary>The position up to which it folds: as far as the documents that it is compared with.</summary>
    public long Until => scope.Until;

    /// <summary>How many events it folded.</summary>
    public long Events { get; private set; }

    /// <summary>How many events its code could not fold, and how many documents could not be written.</summary>
    public long Failed { get; private set; }

    /// <summary>The first of these.</summary>
    public IReadOnlyList<FoldFailure> Failures => _failures;

    /// <summary>How many bytes its documents take, with their keys.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many documents there are.</summary>
    public abstract long Documents { get; }

    /// <summary>Folds an event, if it is one of the projection's; what its code throws is noted, and the event left
    /// out.</summary>
    public void Add(RecordedEvent recorded)
    {
        if (recorded.Position > Until || !Wants(recorded.Type))
            return;
        if (recorded.Data is UnreadableEvent && ReferenceEquals(scope.Decided.Correct(recorded, ""), recorded))
            return; // It is told by its type.
        try
        {
            Fold(recorded);
            Events++;
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is what the preview is to tell.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(recorded.Position, recorded.Type, exception.Message);
        }
    }

    /// <summary>Counts what the application's code could not do, and keeps the first of it.</summary>
    protected void Fail(long position, string type, string message)
    {
        Failed++;
        if (_failures.Count < 10)
            _failures.Add(new FoldFailure(position, type, message));
    }

    /// <summary>Writes the documents to a storage of its own, under the name of the collection.</summary>
    public async Task WriteTo(IStorage shadow, CancellationToken cancellationToken)
    {
        const int AtOnce = 5_000;
        await shadow.Documents.EnsureCollection(new CollectionDefinition(Definition.Collection, []), cancellationToken)
            .ConfigureAwait(false);
        foreach (var some in Bodies().Chunk(AtOnce))
        {
            Bytes += some.Sum(one => (long)one.Body.Length + one.Key.Length);
            var changes = Array.ConvertAll(
                some,
                one => new DocumentChange
                {
                    Collection = Definition.Collection,
                    Key = one.Key,
                    Body = one.Body,
                    Position = Until,
                }
            );
            await shadow
                .Log.Commit([new CommitRequest { Documents = changes }], DateTimeOffset.UnixEpoch, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    protected abstract bool Wants(string eventType);

    protected abstract void Fold(RecordedEvent recorded);

    protected abstract IEnumerable<(string Key, ReadOnlyMemory<byte> Body)> Bodies();
}

/// <inheritdoc/>
internal sealed class ProjectionTrial<TKey, TDocument> : ProjectionTrial
    where TKey : notnull
    where TDocument : class
{
    private readonly Dictionary<TKey, (TDocument Document, long Position, string Type)> _documents = new(
        KeyType<TKey>.Comparer);
    private readonly HashSet<StreamId> _begunAnew = [];
    private readonly List<TKey> _keys = [];
    private readonly HashSet<string> _types;
    private readonly Projection<TKey, TDocument> _projection;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly DocumentRouting<TKey> _routing;
    private readonly TrialScope _scope;

    public ProjectionTrial(ProjectionDefinition<TKey, TDocument> definition, EventTypeMap types, TrialScope scope)
        : base(definition, scope)
    {
        _types = new HashSet<string>(StoredEventTypes.NamesOf(types, definition.Events), StringComparer.Ordinal);
        (_projection, _format, _scope) = (definition.Create(), new DocumentFormat<TKey, TDocument>(definition), scope);
        _routing = new DocumentRouting<TKey>(CollectKeys, _format.KeyText);
    }

    public override long Documents => _documents.Count;

    protected override bool Wants(string eventType) => _types.Contains(eventType);

    protected override void Fold(RecordedEvent recorded)
    {
        if (_scope.Recreations?.BeginsAnew(recorded) == true)
            _begunAnew.Add(recorded.Stream);
        if (!_scope.Decided.IsEmpty)
        {
            foreach (var (whole, key) in _routing.Of(recorded, _scope.Decided))
                Fold(key, whole);
            return;
        }
        CollectKeys(recorded, _keys);
        foreach (var key in _keys)
            Fold(key, recorded);
    }

    private void CollectKeys(RecordedEvent recorded, List<TKey> keys)
    {
        StoredEventTypes.RequireReadable(recorded);
        keys.Clear();
        SplitEventFolder.CollectKeys(_projection, recorded, keys); // Each once.
    }

    private void Fold(TKey key, RecordedEvent recorded)
    {
        var text = _format.StoredKey(key);
        if (Definition.Lifecycle != ProjectionLifecycle.Asynchronous)
            _format.RequireOwnKey(recorded, key);
        if (!_scope.IsOfSample(text))
            return;
        if (_begunAnew.Count > 0 && _begunAnew.Remove(recorded.Stream))
            _documents.Remove(key); // What the stream was before it was deleted is not its past.
        if (SplitEventFolder.Fold(_projection, key, _documents.GetValueOrDefault(key).Document, recorded) is
            { } document)
            _documents[key] = (document, recorded.Position, recorded.Type);
        else
            _documents.Remove(key);
    }

    protected override IEnumerable<(string Key, ReadOnlyMemory<byte> Body)> Bodies()
    {
        foreach (var (key, (document, position, type)) in _documents)
        {
            if (TryWrite(key, document, position, type) is { } body)
                yield return (_format.KeyText(key), body);
        }
    }

    private byte[]? TryWrite(TKey key, TDocument document, long position, string type)
    {
        try
        {
            return _format.Write(document);
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is what the preview is to tell.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(position, type, $"The document '{_format.KeyText(key)}' cannot be written: {exception.Message}");
            return null;
        }
    }
}
