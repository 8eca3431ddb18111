using Millrace.Storage;

namespace Millrace;

/// <summary>The stored documents of a projection.</summary>
internal sealed class ReadModel<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, ConsumerHost host) : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly FreshnessGate _gate = new(host, definition.Collection);
    private readonly string _collection = definition.Collection;

    private IDocumentStorage Documents => host.Store.Storage.Documents;

    public async ValueTask<ReadResult<TDocument>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var text = _format.KeyText(key);
        if (!after.Token.IsNone)
        {
            // A document that reflects the token is fresh, however far the projection is with others.
            var early = await Documents.Get(_collection, text, cancellationToken).ConfigureAwait(false);
            if (early is not null && _gate.IsReached(after, early.Position))
                return new ReadResult<TDocument>(_format.Read(early.Body), Freshness.Fresh);
        }
        var freshness = await _gate.Reach(after, text, cancellationToken).ConfigureAwait(false);
        var document = await Documents.Get(_collection, text, cancellationToken).ConfigureAwait(false);
        freshness = await _gate.Confirm(freshness, cancellationToken).ConfigureAwait(false);
        return new ReadResult<TDocument>(document is null ? null : _format.Read(document.Body), freshness);
    }

    public async ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var byText = new Dictionary<string, TKey>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
            byText.TryAdd(_format.KeyText(key), key);
        var freshness = await _gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var found = new Dictionary<TKey, TDocument>(byText.Count);
        foreach (var document in await Documents.GetMany(_collection, byText.Keys, cancellationToken).ConfigureAwait(false))
            found[byText[document.Key]] = _format.Read(document.Body);
        freshness = await _gate.Confirm(freshness, cancellationToken).ConfigureAwait(false);
        return new ReadResult<IReadOnlyDictionary<TKey, TDocument>>(found, freshness);
    }

    public async ValueTask<ReadPage<TDocument>> Query(ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        Check(query);
        var freshness = await _gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var page = await Documents.Query(
            new DocumentQuery
            {
                Collection = _collection,
                Conditions = query.Conditions,
                OrderBy = query.OrderBy,
                IsDescending = query.IsDescending,
                After = query.Cursor is null ? null : CursorText.Read(query.Cursor, query.OrderBy, query.IsDescending),
                Skip = query.Skip,
                Limit = query.Limit,
            },
            cancellationToken).ConfigureAwait(false);
        var items = new TDocument[page.Documents.Count];
        for (var i = 0; i < items.Length; i++)
            items[i] = _format.Read(page.Documents[i].Body);
        var next = page.Next is { } cursor ? CursorText.Write(cursor, query.OrderBy, query.IsDescending) : null;
        freshness = await _gate.Confirm(freshness, cancellationToken).ConfigureAwait(false);
        return new ReadPage<TDocument>(items, next, freshness);
    }

    public async ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        foreach (var condition in conditions)
            CheckField(condition.Field, nameof(conditions));
        var freshness = await _gate.Reach(after, null, cancellationToken).ConfigureAwait(false);
        var count = await Documents.Count(_collection, conditions, cancellationToken).ConfigureAwait(false);
        return new ReadResult<long>(count, await _gate.Confirm(freshness, cancellationToken).ConfigureAwait(false));
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

    private void CheckField(string field, string argument)
    {
        foreach (var known in definition.Fields)
        {
            if (known.Name == field)
                return;
        }
        var names = definition.Fields.Count == 0 ? "none" : string.Join(", ", definition.Fields.Select(known => known.Name));
        throw new ArgumentException(
            $"'{field}' is not an indexed member of {typeof(TDocument).Name} (there are: {names}). Mark it with [Indexed].", argument);
    }
}
