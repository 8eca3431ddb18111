using System.Text.Json;
using Millrace.Storage;

namespace Millrace;

/// <summary>The stored documents of a projection.</summary>
internal sealed class ReadModel<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, ConsumerHost host) : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private const int MaxAttempts = 3;

    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly ReadModelSources _sources = ReadModelSources.Of(definition, host);

    private IDocumentStorage Documents => host.Store.Storage.Documents;

    public async ValueTask<ReadResult<TDocument>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var (value, freshness) = await GetByText(_format.KeyText(key), after, cancellationToken).ConfigureAwait(false);
        if (value is null && FormerOf(key) is { } former)
            (value, freshness) = await GetByText(former, after, cancellationToken).ConfigureAwait(false);
        return new ReadResult<TDocument>(value, freshness);
    }

    private ValueTask<(TDocument? Value, Freshness Freshness)> GetByText(
        string text,
        ReadAfter after,
        CancellationToken cancellationToken) =>
        Read(
            static (model, source, text, after, cancellationToken) =>
                model.GetFrom(source, text, after, cancellationToken),
            text,
            after,
            cancellationToken);

    /// <summary>The key that the document of a stream has which an earlier build named; other documents are built
    /// anew.</summary>
    private string? FormerOf(TKey key) =>
        definition.Lifecycle == ProjectionLifecycle.Inline ? KeyText.FormerOf(key) : null;

    public async ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var byText = new Dictionary<string, TKey>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
        {
            byText.TryAdd(_format.KeyText(key), key);
            if (FormerOf(key) is { } former)
                byText.TryAdd(former, key);
        }
        var (value, freshness) = await Read(
                static (model, source, keys, after, cancellationToken) =>
                    model.GetManyFrom(source, keys, after, cancellationToken),
                byText,
                after,
                cancellationToken)
            .ConfigureAwait(false);
        return new ReadResult<IReadOnlyDictionary<TKey, TDocument>>(value, freshness);
    }

    public async ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Check(query);
        query = query with { Conditions = FieldValueParser.Read(query.Conditions, definition.Fields) };
        var cursor = query.Cursor is null ? (DocumentCursor?)null
            : CursorEncoding.Read(query.Cursor, query.OrderBy, KindOf(query.OrderBy), query.IsDescending);
        var (page, freshness) = await Read(
            static (model, source, ask, after, cancellationToken) =>
                model.QueryFrom(source, ask.Query, ask.Cursor, after, cancellationToken),
            (Query: query, Cursor: cursor),
            after,
            cancellationToken).ConfigureAwait(false);
        return page with { Freshness = freshness };
    }

    public async ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        foreach (var condition in conditions)
            CheckField(condition.Field, nameof(conditions));
        conditions = FieldValueParser.Read(conditions, definition.Fields);
        var (count, freshness) = await Read(
            static (model, source, conditions, after, cancellationToken) =>
                model.CountFrom(source, conditions, after, cancellationToken),
            conditions,
            after,
            cancellationToken).ConfigureAwait(false);
        return new ReadResult<long>(count, freshness);
    }

    /// <summary>
    /// Reads from the collection that serves, and once more from another when there is one: because another took over
    /// while this read waited, because it was dropped, or because it is an older version's and this one cannot read it.
    /// </summary>
    private async ValueTask<(TResult Value, Freshness Freshness)> Read<TAsk, TResult>(
        Reading<TAsk, TResult> read, TAsk ask, ReadAfter after, CancellationToken cancellationToken)
    {
        var (time, asked) = (host.Store.Time, after);
        var started = time.GetTimestamp();
        var source = await _sources.Current(cancellationToken).ConfigureAwait(false);
        for (var tries = 1; ; tries++)
        {
            try
            {
                var answer = source.HasReachedFloor
                    ? await read(this, source, ask, after, cancellationToken).ConfigureAwait(false)
                    : await ReadBehind(read, source, ask, after, cancellationToken).ConfigureAwait(false);
                if (answer.Freshness.IsFresh || tries == MaxAttempts)
                    return answer;
                var other = await _sources.Current(cancellationToken).ConfigureAwait(false);
                if (other == source)
                    return answer;
                source = other;
                after = RemainingWait(asked, time.GetElapsedTime(started));
                continue;
            }
            catch (Exception exception) when (tries < MaxAttempts && MayBeElsewhere(exception, source))
            {
                if (!await _sources.HasOther(source, exception, cancellationToken).ConfigureAwait(false))
                    throw;
            }
            source = await _sources.Current(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads from a collection that was just switched to, and is behind what this node has shown of the one
    /// before.</summary>
    private async ValueTask<(TResult Value, Freshness Freshness)> ReadBehind<TAsk, TResult>(
        Reading<TAsk, TResult> read,
        ReadModelSource source,
        TAsk ask,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var time = host.Store.Time;
        var (started, wait) = (time.GetTimestamp(), after.Wait ?? host.Options.ReadTimeout);
        var missing = await source.ReachFloor(wait, cancellationToken).ConfigureAwait(false);
        var rest = RemainingWait(after, time.GetElapsedTime(started));
        var (value, freshness) = await read(this, source, ask, rest, cancellationToken).ConfigureAwait(false);
        return (value, freshness.And(missing));
    }

    /// <summary>The same ask with the time that is left of its wait.</summary>
    private ReadAfter RemainingWait(ReadAfter after, TimeSpan gone)
    {
        var left = (after.Wait ?? host.Options.ReadTimeout) - gone;
        return after with { Wait = left > TimeSpan.Zero ? left : TimeSpan.Zero };
    }

    private async ValueTask<(TDocument? Value, Freshness Freshness)> GetFrom(
        ReadModelSource source, string text, ReadAfter after, CancellationToken cancellationToken)
    {
        if (!after.Token.IsNone)
        {
            // A document that reflects the token is fresh, however far the projection is with others, unless it lacks
            // what is held back.
            var early = await Documents.Get(source.Collection, text, cancellationToken).ConfigureAwait(false);
            if (early is not null && source.Gate.IsReached(after, early.Position))
                return (
                    Handed(early, source),
                    await source.Gate.WithHeld(Freshness.Fresh, text, cancellationToken).ConfigureAwait(false));
        }
        var reached = await source.Gate.Reach(after, text, cancellationToken).ConfigureAwait(false);
        if (await Documents.GetWithProgress(source.Collection, text, cancellationToken).ConfigureAwait(false) is
            { } read)
        {
            var now = source.Gate.Confirm(reached, read);
            source.Show(now.Position);
            return (read.Document is null ? null : Handed(read.Document, source), now.Freshness);
        }
        var document = await Documents.Get(source.Collection, text, cancellationToken).ConfigureAwait(false);
        var freshness = await Confirm(source, reached, cancellationToken).ConfigureAwait(false);
        return (document is null ? null : Handed(document, source), freshness);
    }

    private async ValueTask<(IReadOnlyDictionary<TKey, TDocument> Value, Freshness Freshness)> GetManyFrom(
        ReadModelSource source, Dictionary<string, TKey> byText, ReadAfter after, CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<TKey, TDocument>(byText.Count, KeyType<TKey>.Comparer);
        foreach (var document in await Documents
                .GetMany(source.Collection, byText.Keys, cancellationToken)
                .ConfigureAwait(false))
            found[byText[document.Key]] = Handed(document, source);
        return (found, await Confirm(source, reached, cancellationToken).ConfigureAwait(false));
    }

    private async ValueTask<(ReadPage<TDocument> Value, Freshness Freshness)> QueryFrom(
        ReadModelSource source,
        ReadQuery query,
        DocumentCursor? cursor,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var page = await Documents.Query(
            new DocumentQuery
            {
                Collection = source.Collection,
                Conditions = query.Conditions,
                OrderBy = query.OrderBy,
                IsDescending = query.IsDescending,
                After = cursor,
                Skip = query.Skip,
                Limit = query.Limit,
            },
            cancellationToken).ConfigureAwait(false);
        var items = new TDocument[page.Documents.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = Handed(page.Documents[i], source);
        var next = page.Next is { } following
            ? CursorEncoding.Write(following, query.OrderBy, query.IsDescending)
            : null;
        var freshness = await Confirm(source, reached, cancellationToken).ConfigureAwait(false);
        return (new ReadPage<TDocument>(items, next, freshness), freshness);
    }

    private async ValueTask<(long Value, Freshness Freshness)> CountFrom(
        ReadModelSource source,
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after,
        CancellationToken cancellationToken)
    {
        var reached = await source.Gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var count = await Documents.Count(source.Collection, conditions, cancellationToken).ConfigureAwait(false);
        return (count, await Confirm(source, reached, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What is not there is shown as well: as of the position that all documents reflect.</summary>
    private static async ValueTask<Freshness> Confirm(
        ReadModelSource source, Reached reached, CancellationToken cancellationToken)
    {
        var now = await source.Gate.Confirm(reached, cancellationToken).ConfigureAwait(false);
        source.Show(now.Position);
        return now.Freshness;
    }

    private static bool MayBeElsewhere(Exception exception, ReadModelSource source) =>
        exception is StorageException || (!source.IsOwn && exception is JsonException or ArgumentException);

    private TDocument Handed(Document document, ReadModelSource source)
    {
        source.Show(document.Position);
        return _format.Read(document.Body);
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
            $"'{field}' is not an indexed member of {typeof(TDocument).Name} (there are: {names}). Mark it with "
                + $"[Indexed].",
            argument);
    }

    private delegate ValueTask<(TResult Value, Freshness Freshness)> Reading<in TAsk, TResult>(
        ReadModel<TKey, TDocument> model,
        ReadModelSource source,
        TAsk ask,
        ReadAfter after,
        CancellationToken cancellationToken);
}
