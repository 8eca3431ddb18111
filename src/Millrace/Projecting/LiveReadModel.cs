using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>
/// The read model of a live projection. It folds a document from its stream when a caller reads the document, so the
/// document is always fresh.
/// </summary>
internal sealed class LiveReadModel<TKey, TDocument>(ProjectionDefinition<TKey, TDocument> definition, EventStore store)
    : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly VisibleDocuments<TDocument> _visible = new(definition.ExpiryRule, store);
    private readonly StreamDocumentFolder<TKey, TDocument> _fold = new(
        definition, store.Types, new DocumentFormat<TKey, TDocument>(definition));

    public async ValueTask<ReadResult<TDocument>> Get(TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        if (after.Problem is { } problem)
            throw problem;
        var head = store.Tail.Head; // Read before the stream, which can be newer.
        var document = await FindVisible(key, cancellationToken).ConfigureAwait(false);
        return new(document, FreshnessOf(after))
        {
            Reflects = new(head.Epoch, head.Position),
            ExpiresAt = _visible.Earlier(null, document),
        };
    }

    public async ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (after.Problem is { } problem)
            throw problem;
        var head = store.Tail.Head;
        var found = new Dictionary<TKey, TDocument>(keys.Count, KeyType<TKey>.Comparer);
        foreach (var key in keys)
        {
            if (await FindVisible(key, cancellationToken).ConfigureAwait(false) is { } document)
                found[key] = document;
        }
        return new ReadResult<IReadOnlyDictionary<TKey, TDocument>>(found, FreshnessOf(after))
        {
            Reflects = new(head.Epoch, head.Position),
            ExpiresAt = found.Values.Aggregate((DateTimeOffset?)null, _visible.Earlier),
        };
    }

    public ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken) => throw NotStored();

    public ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after,
        CancellationToken cancellationToken) => throw NotStored();

    private async ValueTask<TDocument?> FindVisible(TKey key, CancellationToken cancellationToken) =>
        await Fold(key, cancellationToken).ConfigureAwait(false) is { } document ? _visible.Find(document) : null;

    private async ValueTask<TDocument?> Fold(TKey key, CancellationToken cancellationToken)
    {
        var document = await FoldStream(_format.KeyText(key), cancellationToken).ConfigureAwait(false);
        return document is null && KeyText.FormerTextOf(key) is { } former
            ? await FoldStream(former, cancellationToken).ConfigureAwait(false)
            : document;
    }

    private async ValueTask<TDocument?> FoldStream(string key, CancellationToken cancellationToken)
    {
        TDocument? document = null;
        var stream = new StreamId($"{definition.Stream}-{key}");
        await foreach (var recorded in store.ReadStream(stream, 1, cancellationToken).ConfigureAwait(false))
            document = _fold.Fold(document, recorded);
        return document;
    }

    private Freshness FreshnessOf(ReadAfter after) =>
        !after.Token.IsNone && after.Token.LogEpoch != store.Tail.Head.Epoch ? Freshness.OfOtherEpoch : Freshness.Fresh;

    private NotSupportedException NotStored() => new(
        $"The documents of the live projection '{definition.Name}' are not stored, and cannot be queried. "
        + "Make it inline or asynchronous.");
}
