using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting.Previews;

/// <summary>Folds the history into the documents of a projection in memory, without any effect on the store.</summary>
internal abstract class ProjectionTrial(ProjectionDefinition definition, TrialScope scope)
{
    private readonly List<FoldFailure> _failures = [];

    public ProjectionDefinition Definition { get; } = definition;

    /// <summary>Gets the collection to compare with, or null if the store has none.</summary>
    public string? Live => scope.Live;

    /// <summary>
    /// Gets the position up to which events are folded. It is the position of the documents to compare with.
    /// </summary>
    public long Until => scope.Until;

    /// <summary>Gets the number of events that the trial has folded.</summary>
    public long Events { get; private set; }

    /// <summary>
    /// Gets the number of events that the projection could not fold, plus the number of documents that could not be
    /// written.
    /// </summary>
    public long Failed { get; private set; }

    /// <summary>Gets the first failures.</summary>
    public IReadOnlyList<FoldFailure> Failures => _failures;

    /// <summary>Gets the size of the documents in bytes, including their keys.</summary>
    public long Bytes { get; private set; }

    /// <summary>Gets the number of documents.</summary>
    public abstract long Documents { get; }

    /// <summary>
    /// Folds an event if the projection wants it. If application code throws, the trial records the exception and skips
    /// the event.
    /// </summary>
    public void Add(RecordedEvent recorded)
    {
        if (recorded.Position > Until || !Wants(recorded.Type))
            return;
        if (recorded.Data is UnreadableEvent && ReferenceEquals(scope.Decisions.Correct(recorded, ""), recorded))
            return; // The report lists the type of the event.
        try
        {
            Fold(recorded);
            Events++;
        }
#pragma warning disable CA1031 // The preview reports any exception of application code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(recorded.Position, recorded.Type, exception.Message);
        }
    }

    /// <summary>Counts a failure of application code, and records the first failures.</summary>
    protected void Fail(long position, string type, string message)
    {
        Failed++;
        if (_failures.Count < 10)
            _failures.Add(new FoldFailure(position, type, message));
    }

    /// <summary>
    /// Writes the documents that have not expired to another storage, under the name of the collection.
    /// </summary>
    public async Task WriteTo(IStorage shadow, DateTimeOffset now, CancellationToken cancellationToken)
    {
        const int BatchDocuments = 5_000;
        await shadow.Documents.EnsureCollection(new CollectionDefinition(Definition.Collection, []), cancellationToken)
            .ConfigureAwait(false);
        foreach (var batch in Bodies(now).Chunk(BatchDocuments))
        {
            Bytes += batch.Sum(item => (long)item.Body.Length + item.Key.Length);
            var changes = Array.ConvertAll(
                batch,
                item => new DocumentChange
                {
                    Collection = Definition.Collection,
                    Key = item.Key,
                    Body = item.Body,
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

    protected abstract IEnumerable<(string Key, ReadOnlyMemory<byte> Body)> Bodies(DateTimeOffset now);
}

/// <inheritdoc/>
internal sealed class ProjectionTrial<TKey, TDocument> : ProjectionTrial
    where TKey : notnull
    where TDocument : class
{
    private readonly Dictionary<TKey, (TDocument Document, long Position, string Type)> _documents = new(
        KeyType<TKey>.Comparer);
    private readonly HashSet<StreamId> _recreated = [];
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
        _projection = definition.CreateProjection();
        _format = new DocumentFormat<TKey, TDocument>(definition);
        _scope = scope;
        _routing = new DocumentRouting<TKey>(_projection.FindKeys, _format.KeyText);
    }

    public override long Documents => _documents.Count;

    protected override bool Wants(string eventType) => _types.Contains(eventType);

    protected override void Fold(RecordedEvent recorded)
    {
        if (_scope.Recreations?.IsRecreated(recorded) == true)
            _recreated.Add(recorded.Stream);
        if (!_scope.Decisions.IsEmpty)
        {
            foreach (var (routed, key) in _routing.Of(recorded, _scope.Decisions))
                Fold(key, routed);
            return;
        }
        _projection.FindKeys(recorded, _keys);
        foreach (var key in _keys)
            Fold(key, recorded);
    }

    private void Fold(TKey key, RecordedEvent recorded)
    {
        var text = _format.StoredKey(key);
        if (Definition.Lifecycle != ProjectionLifecycle.Asynchronous)
            _format.RequireOwnKey(recorded, key);
        if (!_scope.IsInSample(text))
            return;
        if (_recreated.Count > 0 && _recreated.Remove(recorded.Stream))
            _documents.Remove(key); // The events before the deletion do not belong to the document.
        if (_projection.FoldParts(key, _documents.GetValueOrDefault(key).Document, recorded) is
            { } document)
            _documents[key] = (document, recorded.Position, recorded.Type);
        else
            _documents.Remove(key);
    }

    protected override IEnumerable<(string Key, ReadOnlyMemory<byte> Body)> Bodies(DateTimeOffset now)
    {
        foreach (var (key, (document, position, type)) in _documents)
        {
            if (_format.Expiry?.IsExpired(document, now) != true
                && TryWrite(key, document, position, type) is { } body)
                yield return (_format.KeyText(key), body);
        }
    }

    private byte[]? TryWrite(TKey key, TDocument document, long position, string type)
    {
        try
        {
            return _format.Write(document);
        }
#pragma warning disable CA1031 // The preview reports any exception of application code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(position, type, $"The document '{_format.KeyText(key)}' cannot be written: {exception.Message}");
            return null;
        }
    }
}
