using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>A projection whose documents are written in the same commit as the events. Thread-safe.</summary>
internal abstract class InlineProjection
{
    public abstract string Collection { get; }

    public abstract bool Wants(string eventType);

    /// <summary>Returns whether a stream has a document in this projection.</summary>
    public abstract bool Covers(StreamId stream);

    /// <summary>Throws if the projection returns a key for an event of a stream without a document.</summary>
    /// <exception cref="DocumentKeyException">The projection returns a key for an event.</exception>
    public abstract void RequireNoKey(StreamAppend append);

    /// <summary>
    /// Returns the document of a stream, with all events of the stream folded. The document comes from memory or from
    /// the storage.
    /// </summary>
    public abstract ValueTask<InlineState> Load(StreamId stream, CancellationToken cancellationToken);

    /// <summary>
    /// Returns the state of a stream that has never existed, without a document and events. A state in memory takes
    /// precedence.
    /// </summary>
    public abstract InlineState LoadNew(StreamId stream);

    /// <summary>Returns the state after the events of an append.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="append">The append.</param>
    /// <param name="time">The recorded time of the events, or the time that is probably recorded for them.</param>
    public abstract InlineState Fold(InlineState state, StreamAppend append, DateTimeOffset time);

    /// <summary>Returns the time that is probably recorded for events that are committed now.</summary>
    public abstract DateTimeOffset ExpectedTime();

    /// <summary>
    /// Returns whether the document of a state has expired at only one of two times. Folding then has different
    /// results.
    /// </summary>
    public abstract bool ExpiresBetween(InlineState state, DateTimeOffset one, DateTimeOffset other);

    /// <summary>
    /// Returns the change to write. The storage refuses the change if the document has changed after it was loaded.
    /// </summary>
    public abstract DocumentChange ChangeOf(StreamId stream, InlineState loaded, InlineState folded);

    /// <summary>Keeps the committed state for the next append to the stream.</summary>
    public abstract void Remember(StreamId stream, InlineState committed);

    public abstract void Forget(StreamId stream);
}

/// <inheritdoc/>
internal sealed class InlineProjection<TKey, TDocument> : InlineProjection
    where TKey : notnull
    where TDocument : class
{
    private const int MaxRemembered = 10_000;
    private const int FirstPageEvents = 16;

    private static readonly InlineState<TDocument> New = new((TDocument?)null)
    {
        DocumentVersion = 0,
        Head = StreamHead.None,
        Position = 0,
        ValuesRound = 0,
    };

    private readonly ProjectionDefinition<TKey, TDocument> _definition;
    private readonly EventStore _store;
    private readonly DocumentFormat<TKey, TDocument> _format;
    private readonly StreamDocumentFolder<TKey, TDocument> _fold;
    private readonly Lock _lock = new();
    private LruCache<StreamId, InlineState<TDocument>> _remembered = new(MaxRemembered);

    public InlineProjection(ProjectionDefinition<TKey, TDocument> definition, EventStore store)
    {
        (_definition, _store) = (definition, store);
        _format = new DocumentFormat<TKey, TDocument>(definition);
        _fold = new StreamDocumentFolder<TKey, TDocument>(
            definition, store.Types, new DocumentFormat<TKey, TDocument>(definition));
        store.Stored.KeysDestroyed += ForgetAll;
    }

    public override string Collection => _definition.Collection;

    public override bool Wants(string eventType) => _fold.Wants(eventType);

    public override bool Covers(StreamId stream) => _definition.Covers(stream);

    public override void RequireNoKey(StreamAppend append)
    {
        foreach (var recorded in Recorded(append, 0, _store.Time.GetUtcNow()))
            RequireNoKey(recorded);
    }

    /// <inheritdoc cref="RequireNoKey(StreamAppend)"/>
    public void RequireNoKey(RecordedEvent recorded) => _fold.Fold(null, recorded);

    public override async ValueTask<InlineState> Load(StreamId stream, CancellationToken cancellationToken) =>
        Remembered(stream) ?? await LoadStored(stream, cancellationToken).ConfigureAwait(false);

    public override InlineState LoadNew(StreamId stream) =>
        Remembered(stream)
        ?? (_store.Stored.Round is > 0 and var round ? New with { ValuesRound = round } : New);

    /// <summary>
    /// Reads the document and folds the events that it lacks. It lacks events only if the projection is new, or if a
    /// node without the projection appended events.
    /// </summary>
    public async ValueTask<InlineState<TDocument>> LoadStored(StreamId stream, CancellationToken cancellationToken)
    {
        var round = _store.Stored.Round;
        // The document is read first. If an append follows, its version is outdated and the store refuses the commit.
        var stored = await _store.Storage.Documents.Get(Collection, stream.Key, cancellationToken)
            .ConfigureAwait(false);
        var head = await _store.Storage.Log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        var position = stored?.Position ?? 0;
        var missing = await ReadMissing(stream, head, position, cancellationToken).ConfigureAwait(false);
        var belongsToDeletedStream = stored is not null
            && await IsOfDeletedStream(stream, head, missing, cancellationToken).ConfigureAwait(false);
        var document = stored is null || belongsToDeletedStream ? null : _format.Read(stored.Body);
        foreach (var recorded in missing)
            document = _fold.Fold(document, recorded);
        return new InlineState<TDocument>(document)
        {
            DocumentVersion = stored?.Version ?? 0,
            Head = head,
            Position = missing.Count > 0 ? missing[^1].Position : position,
            ValuesRound = round,
            IsBehind = missing.Exists(recorded => Wants(recorded.Type)) && (stored is not null || document is not null),
        };
    }

    public override InlineState Fold(InlineState state, StreamAppend append, DateTimeOffset time)
    {
        var document = ((InlineState<TDocument>)state).Document;
        foreach (var recorded in Recorded(append, state.Head.Version, time))
            document = _fold.Fold(document, recorded);
        var version = state.Head.Version + append.Events.Count;
        return new InlineState<TDocument>(document)
        {
            DocumentVersion = state.DocumentVersion,
            Head = new StreamHead(version, state.Head.Version == 0 ? 1 : state.Head.FirstVersion, StreamState.Open),
            Position = state.Position,
            ValuesRound = state.ValuesRound,
        };
    }

    public override DateTimeOffset ExpectedTime()
    {
        var now = _store.Time.GetUtcNow();
        var tail = _store.Tail;
        return tail.RecordedAt(tail.Head.Position) is { } last && last > now ? last : now;
    }

    public override bool ExpiresBetween(InlineState state, DateTimeOffset one, DateTimeOffset other) =>
        ((InlineState<TDocument>)state).Document is { } document
        && _format.Expiry is { } expiry
        && expiry.IsExpired(document, one) != expiry.IsExpired(document, other);

    public override DocumentChange ChangeOf(StreamId stream, InlineState loaded, InlineState folded)
    {
        var document = ((InlineState<TDocument>)folded).Document;
        return new DocumentChange
        {
            Collection = Collection,
            Key = stream.Key,
            FromVersion = loaded.DocumentVersion,
            Body = document is null ? null : (ReadOnlyMemory<byte>?)_format.Write(document),
            Fields = document is null ? [] : _format.Fields(document),
            Position = folded.IsBehind ? folded.Position : 0,
        };
    }

    public override void Remember(StreamId stream, InlineState committed)
    {
        lock (_lock)
        {
            if (committed.ValuesRound == _store.Stored.Round) // Otherwise it may contain erased values.
                _remembered.Put(stream, (InlineState<TDocument>)committed);
            else
                _remembered.Take(stream);
        }
    }

    public override void Forget(StreamId stream)
    {
        lock (_lock)
            _remembered.Take(stream);
    }

    private void ForgetAll()
    {
        lock (_lock)
            _remembered = new LruCache<StreamId, InlineState<TDocument>>(MaxRemembered);
    }

    private InlineState<TDocument>? Remembered(StreamId stream)
    {
        lock (_lock)
            return _remembered.Find(stream);
    }

    /// <summary>
    /// Returns true if a stored document belongs to a deleted stream, and not to the stream that was created again
    /// later. Such a document lacks the first event after the deletion.
    /// </summary>
    private async ValueTask<bool> IsOfDeletedStream(
        StreamId stream, StreamHead head, List<RecordedEvent> missing, CancellationToken cancellationToken)
    {
        if (head.VisibleVersion == 0)
            return true;
        if (head.FirstVersion == 1 || missing.Count == 0 || missing[0].Version != head.FirstVersion)
            return false;
        var removals = await _store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return removals.Any(removal =>
            removal.Kind == RemovalKind.Delete && removal.ToVersion == head.FirstVersion - 1);
    }

    /// <summary>
    /// Returns the events of an append as readers will read them, without the values that only the commit assigns.
    /// </summary>
    private RecordedEvent[] Recorded(StreamAppend append, long version, DateTimeOffset time)
    {
        var events = new RecordedEvent[append.Events.Count];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = append.Events[i].At(append.Stream, version + 1 + i, 0, time, _store.Serializer);
            if (i > 0)
                _store.Types.Join(events[i - 1], events[i]);
        }
        return events;
    }

    private async ValueTask<List<RecordedEvent>> ReadMissing(
        StreamId stream, StreamHead head, long position, CancellationToken cancellationToken)
    {
        var missing = new List<RecordedEvent>();
        var from = head.Version;
        var limit = FirstPageEvents;
        while (from > 0)
        {
            var query = new StreamPageQuery(stream, from, IsBackwards: true, limit);
            var page = await _store.Reader.ReadPage(query, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count && page.Events[i].Position > position; i++)
                missing.Add(page.Events[i]);
            var isDone = page.IsEnd || page.Events.Count == 0 || page.Events[^1].Position <= position;
            from = isDone ? 0 : page.Next;
            limit = _store.Options.PageEvents;
        }
        missing.Reverse();
        return missing;
    }
}
