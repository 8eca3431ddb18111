using System.Diagnostics;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>Reads the stored documents of a projection.</summary>
internal sealed class ReadModel<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, ConsumerHost host) : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private const int MaxAttempts = 3;
    private static readonly TimeSpan RestartPause = TimeSpan.FromMilliseconds(25);

    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly ReadModelSources _sources = ReadModelSources.Of(definition, host);
    private readonly VisibleDocuments<TDocument> _visible = new(definition.ExpiryRule, host.Store);

    private IDocumentStorage Documents => host.Store.Storage.Documents;

    public async ValueTask<ReadResult<TDocument>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var (value, read) = await GetByText(_format.KeyText(key), after, cancellationToken).ConfigureAwait(false);
        if (value is null && FormerTextOf(key) is { } former)
        {
            var missing = read.Reflects;
            (value, read) = await GetByText(former, after, cancellationToken).ConfigureAwait(false);
            read = read with { Reflects = missing }; // The earlier position, because the result reflects both reads.
        }
        return new ReadResult<TDocument>(value, read.Freshness)
        {
            Reflects = read.Reflects,
            Collection = read.Collection,
            ExpiresAt = _visible.Earlier(null, value),
        };
    }

    private ValueTask<(TDocument? Value, ReadState State)> GetByText(
        string text,
        ReadAfter after,
        CancellationToken cancellationToken) =>
        Read(
            static (model, source, text, after, cancellationToken) =>
                model.GetFrom(source, text, after, cancellationToken),
            text,
            after,
            cancellationToken);

    /// <summary>
    /// Returns the key of a stream's document in the form that an earlier build wrote. Only inline projections need it,
    /// because other documents are rebuilt.
    /// </summary>
    private string? FormerTextOf(TKey key) =>
        definition.Lifecycle == ProjectionLifecycle.Inline ? KeyText.FormerTextOf(key) : null;

    public async ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var byText = new Dictionary<string, TKey>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            byText.TryAdd(_format.KeyText(key), key);
            if (FormerTextOf(key) is { } former)
                byText.TryAdd(former, key);
        }
        var (value, read) = await Read(
                static (model, source, keys, after, cancellationToken) =>
                    model.GetManyFrom(source, keys, after, cancellationToken),
                byText,
                after,
                cancellationToken)
            .ConfigureAwait(false);
        return new ReadResult<IReadOnlyDictionary<TKey, TDocument>>(value, read.Freshness)
        {
            Reflects = read.Reflects,
            Collection = read.Collection,
            ExpiresAt = value.Values.Aggregate((DateTimeOffset?)null, _visible.Earlier),
        };
    }

    public async ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Check(query);
        query = query with { Conditions = FieldValueParser.Read(query.Conditions, definition.Fields) };
        var cursor = query.Cursor is null ? (DocumentCursor?)null
            : CursorEncoding.Read(query.Cursor, query.OrderBy, KindOf(query.OrderBy), query.IsDescending);
        var (page, read) = await Read(
            static (model, source, argument, after, cancellationToken) =>
                model.QueryFrom(source, argument.Query, argument.Cursor, after, cancellationToken),
            (Query: query, Cursor: cursor),
            after,
            cancellationToken).ConfigureAwait(false);
        return page with { Freshness = read.Freshness, Reflects = read.Reflects, Collection = read.Collection };
    }

    public async ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        foreach (var condition in conditions)
            CheckField(condition.Field, nameof(conditions));
        conditions = FieldValueParser.Read(conditions, definition.Fields);
        var (counted, read) = await Read(
            static (model, source, conditions, after, cancellationToken) =>
                model.CountFrom(source, conditions, after, cancellationToken),
            conditions,
            after,
            cancellationToken).ConfigureAwait(false);
        return new ReadResult<long>(counted.Count, read.Freshness)
        {
            Reflects = read.Reflects,
            Collection = read.Collection,
            ExpiresAt = counted.ExpiresAt,
        };
    }

    /// <summary>
    /// Reads from the current collection. Reads again from another collection if the first was replaced during the
    /// wait, was dropped, or belongs to an older version that this version cannot read.
    /// </summary>
    private async ValueTask<(TResult Value, ReadState State)> Read<TArgument, TResult>(
        Reading<TArgument, TResult> read, TArgument argument, ReadAfter after, CancellationToken cancellationToken)
    {
        var time = host.Store.Time;
        var original = after;
        var started = time.GetTimestamp();
        var source = await _sources.Current(cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await ReadConfirmed(read, source, argument, after, cancellationToken)
                    .ConfigureAwait(false);
                if (result.State.Freshness.IsFresh || attempt == MaxAttempts)
                    return result;
                var other = await _sources.Current(cancellationToken).ConfigureAwait(false);
                if (other == source)
                    return result;
                source = other;
                after = RemainingWait(original, time.GetElapsedTime(started));
                continue;
            }
            catch (Exception exception) when (attempt < MaxAttempts && CanRetryElsewhere(exception, source))
            {
                if (!await _sources.HasOther(source, exception, cancellationToken).ConfigureAwait(false))
                    throw;
            }
            source = await _sources.Current(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads from a collection. Reads again within the maximum wait if the consumer started again during the read, for
    /// example on another node.
    /// </summary>
    private async ValueTask<(TResult Value, ReadState State)> ReadConfirmed<TArgument, TResult>(
        Reading<TArgument, TResult> read,
        ReadModelSource source,
        TArgument argument,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var time = host.Store.Time;
        var started = time.GetTimestamp();
        var rest = after;
        while (true)
        {
            var result = source.HasReachedFloor
                ? await read(this, source, argument, rest, cancellationToken).ConfigureAwait(false)
                : await ReadBehind(read, source, argument, rest, cancellationToken).ConfigureAwait(false);
            if (!result.State.HasRestarted || after.HasNoToken)
                return result;
            rest = RemainingWait(after, time.GetElapsedTime(started));
            if (rest.Wait <= TimeSpan.Zero)
                return result;
            await Task.Delay(RestartPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads from a collection that has replaced another one, but has not yet reached the positions that this node has
    /// returned from the previous collection.
    /// </summary>
    private async ValueTask<(TResult Value, ReadState State)> ReadBehind<TArgument, TResult>(
        Reading<TArgument, TResult> read,
        ReadModelSource source,
        TArgument argument,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var time = host.Store.Time;
        var started = time.GetTimestamp();
        var wait = after.MaxWait(host.Options);
        var missing = await source.ReachFloor(wait, cancellationToken).ConfigureAwait(false);
        var rest = RemainingWait(after, time.GetElapsedTime(started));
        var (value, state) = await read(this, source, argument, rest, cancellationToken).ConfigureAwait(false);
        return (value, state with { Freshness = state.Freshness.CombineWith(missing) });
    }

    /// <summary>Returns the same requirement with the remaining wait.</summary>
    private ReadAfter RemainingWait(ReadAfter after, TimeSpan elapsed)
    {
        var remaining = after.MaxWait(host.Options) - elapsed;
        return after with { Wait = remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero };
    }

    private async ValueTask<(TDocument? Value, ReadState State)> GetFrom(
        ReadModelSource source, string text, ReadAfter after, CancellationToken cancellationToken)
    {
        if (!after.Token.IsNone)
        {
            // A document that contains the token's position is fresh at any position of the projection, unless events
            // of its key are blocked.
            var early = await Documents.Get(source.Collection, text, cancellationToken).ConfigureAwait(false);
            if (early is not null && source.Gate.IsReached(after, early.Position))
            {
                var known = await source.Gate.WithBlocked(Freshness.Fresh, text, cancellationToken)
                    .ConfigureAwait(false);
                var position = known.IsFresh ? early.Position : 0;
                return (ReadAndRecord(early, source), StateOf(source, known, position));
            }
        }
        var reached = await source.Gate.Reach(after, text, cancellationToken).ConfigureAwait(false);
        if (await Documents.GetWithProgress(source.Collection, text, cancellationToken).ConfigureAwait(false) is
            { } read)
        {
            var confirmed = RecordConfirmed(source, source.Gate.Confirm(reached, read));
            return (read.Document is null ? null : ReadAndRecord(read.Document, source), confirmed);
        }
        var document = await Documents.Get(source.Collection, text, cancellationToken).ConfigureAwait(false);
        var state = await Confirm(source, reached, cancellationToken).ConfigureAwait(false);
        return (document is null ? null : ReadAndRecord(document, source), state);
    }

    private async ValueTask<(IReadOnlyDictionary<TKey, TDocument> Value, ReadState State)> GetManyFrom(
        ReadModelSource source, Dictionary<string, TKey> byText, ReadAfter after, CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<TKey, TDocument>(byText.Count, KeyType<TKey>.Comparer);
        foreach (var document in await Documents
                .GetMany(source.Collection, byText.Keys, cancellationToken)
                .ConfigureAwait(false))
        {
            if (ReadAndRecord(document, source) is { } value)
                found[byText[document.Key]] = value;
        }
        return (found, await Confirm(source, reached, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<(ReadPage<TDocument> Value, ReadState State)> QueryFrom(
        ReadModelSource source,
        ReadQuery query,
        DocumentCursor? cursor,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var stored = new DocumentQuery
        {
            Collection = source.Collection,
            Conditions = await _visible.Restrict(query.Conditions, source, cancellationToken).ConfigureAwait(false),
            OrderBy = query.OrderBy,
            IsDescending = query.IsDescending,
            After = cursor,
            Skip = query.Skip,
            Limit = query.Limit,
        };
        var expiresAt = query.Skip > 0 && after.WithNextExpiry
            ? await _visible.FindNextExpiry(source, cancellationToken).ConfigureAwait(false) // Of a skipped document.
            : null;
        var started = Stopwatch.GetTimestamp();
        var page = await Documents.Query(stored, cancellationToken).ConfigureAwait(false);
        var duration = Stopwatch.GetElapsedTime(started);
        host.Store.Shapes.Record(definition.Name, stored, page.Documents.Count, duration);
        var items = new List<TDocument>(page.Documents.Count);
        var keys = new List<string>(page.Documents.Count);
        foreach (var document in page.Documents)
        {
            if (ReadAndRecord(document, source) is not { } item)
                continue;
            items.Add(item);
            keys.Add(document.Key);
            expiresAt = _visible.Earlier(expiresAt, item);
        }
        var next = page.Next is { } following
            ? CursorEncoding.Write(following, query.OrderBy, query.IsDescending)
            : null;
        var state = await Confirm(source, reached, cancellationToken).ConfigureAwait(false);
        var conditions = query.Conditions.Select(condition => condition.Field);
        return (
            new ReadPage<TDocument>(items, next, state.Freshness)
            {
                Members = [.. query.OrderBy is { } order ? conditions.Append(order) : conditions],
                ExpiresAt = expiresAt,
                Keys = keys,
            },
            state);
    }

    private async ValueTask<((long Count, DateTimeOffset? ExpiresAt) Value, ReadState State)> CountFrom(
        ReadModelSource source,
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        conditions = await _visible.Restrict(conditions, source, cancellationToken).ConfigureAwait(false);
        var expiresAt = after.WithNextExpiry
            ? await _visible.FindNextExpiry(source, cancellationToken).ConfigureAwait(false)
            : null;
        var started = Stopwatch.GetTimestamp();
        var count = await Documents.Count(source.Collection, conditions, cancellationToken).ConfigureAwait(false);
        var duration = Stopwatch.GetElapsedTime(started);
        host.Store.Shapes.RecordCount(definition.Name, conditions, count, duration);
        return ((count, expiresAt), await Confirm(source, reached, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Confirms the freshness of a read, and records its position. A missing document is also a result. It has the
    /// position that all documents contain.
    /// </summary>
    private async ValueTask<ReadState> Confirm(
        ReadModelSource source,
        (Freshness Freshness, ConsumerSnapshot Consumer) reached,
        CancellationToken cancellationToken) =>
        RecordConfirmed(source, await source.Gate.Confirm(reached, cancellationToken).ConfigureAwait(false));

    private ReadState RecordConfirmed(ReadModelSource source, in ConfirmedRead confirmed)
    {
        source.RecordReturned(confirmed.Position);
        return StateOf(source, confirmed.Freshness, confirmed.Reflects) with { HasRestarted = confirmed.HasRestarted };
    }

    private ReadState StateOf(ReadModelSource source, Freshness freshness, long position) => new(
        freshness,
        new(source.Epoch, position),
        definition.Lifecycle == ProjectionLifecycle.Asynchronous ? source.Collection : null);

    private static bool CanRetryElsewhere(Exception exception, ReadModelSource source) =>
        exception is StorageException
        || (!source.IsOwn && exception is UnreadableDocumentException or ArgumentException);

    /// <summary>Returns a document, and records its position; null if it has expired.</summary>
    private TDocument? ReadAndRecord(Document document, ReadModelSource source)
    {
        source.RecordReturned(document.Position);
        return _visible.Find(_format.Read(document.Body));
    }

    private void Check(ReadQuery query)
    {
        if (query.Limit is < 1 or > 1_000)
            throw new ArgumentOutOfRangeException(nameof(query), query.Limit, "Limit: must be from 1 to 1,000.");
        if (query.Skip < 0)
            throw new ArgumentOutOfRangeException(nameof(query), query.Skip, "Skip: must be 0 or more.");
        foreach (var condition in query.Conditions)
            CheckField(condition.Field, nameof(query));
        if (query.OrderBy is not null)
            CheckField(query.OrderBy, nameof(query));
    }

    private FieldKind? KindOf(string? field) => definition.Fields.FirstOrDefault(known => known.Name == field)?.Kind;

    private void CheckField(string field, string argument)
    {
        foreach (var known in definition.Fields)
        {
            if (known.Name == field)
                return;
        }
        var names =
            definition.Fields.Count == 0 ? "none" : string.Join(", ", definition.Fields.Select(known => known.Name));
        throw new ArgumentException(
            $"'{field}' is not an indexed member of {typeof(TDocument).Name} (indexed: {names}). Mark it "
                + "with [Indexed].",
            argument);
    }

    private delegate ValueTask<(TResult Value, ReadState State)> Reading<in TArgument, TResult>(
        ReadModel<TKey, TDocument> model,
        ReadModelSource source,
        TArgument argument,
        ReadAfter after,
        CancellationToken cancellationToken);
}
