using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting;

/// <summary>
/// Reads the documents of a projection from all shards. Each shard has documents of its events. A document of a
/// stream is read in the shard of the stream. The parts of any other document are read in all shards and combined.
/// </summary>
internal sealed class ShardedReadModel<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, IReadModelShards shards) : IReadModel<TKey, TDocument>
    where TKey : notnull
    where TDocument : class
{
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly ShardReadModels<TKey, TDocument> _models = new(definition, shards);
    private readonly PartCombiner<TDocument> _parts = new(definition.Name);

    public ValueTask<ReadResult<TDocument>> Get(
        TKey key, ReadAfter after = default, CancellationToken cancellationToken = default) =>
        definition.Lifecycle == ProjectionLifecycle.Asynchronous
            ? GetParts(key, after, cancellationToken)
            : GetOfStream(key, after, cancellationToken);

    public async ValueTask<ReadResult<IReadOnlyDictionary<TKey, TDocument>>> GetMany(
        IReadOnlyCollection<TKey> keys, ReadAfter after = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var all = await _models
            .FromAll((model, required) => model.GetMany(keys, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);
        var found = new Dictionary<TKey, TDocument>(keys.Count, KeyType<TKey>.Comparer);
        foreach (var (key, part) in all.SelectMany(static one => one.Value!)) // Never null.
        {
            found[key] = found.TryGetValue(key, out var other)
                ? _parts.Combine(other, part, _format.KeyText(key))
                : part;
        }
        return new(found, FreshnessOf(all.Select(static one => one.Freshness)))
        {
            Reflects = _models.Combine([.. all.Select(static one => one.Reflects)]),
            Collection = all[0].Collection,
            ExpiresAt = all.Min(static one => one.ExpiresAt),
        };
    }

    public async ValueTask<ReadPage<TDocument>> Query(
        ReadQuery query, ReadAfter after = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _parts.CanCombine
            ? await new CombinedQuery<TKey, TDocument>(definition, _models, _parts)
                .Run(query, after, cancellationToken).ConfigureAwait(false)
            : await new MergedQuery<TKey, TDocument>(definition, _models, _parts)
                .Run(query, after, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns a page of the parts of each shard, which are not combined.</summary>
    public async ValueTask<IReadOnlyList<ReadPage<TDocument>>> QueryParts(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken) =>
        await _models
            .FromAll((model, required) => model.Query(query, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions,
        ReadAfter after = default,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        if (_parts.CanCombine)
            return await new CombinedQuery<TKey, TDocument>(definition, _models, _parts)
                .Count(conditions, after, cancellationToken).ConfigureAwait(false);
        var all = await _models
            .FromAll(
                (model, required) => model.Count(conditions, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);
        return new(all.Sum(static one => one.Value), FreshnessOf(all.Select(static one => one.Freshness)))
        {
            Reflects = _models.Combine([.. all.Select(static one => one.Reflects)]),
            Collection = all[0].Collection,
            ExpiresAt = all.Min(static one => one.ExpiresAt),
        };
    }

    /// <summary>Returns a freshness that is at least as stale as each of the values.</summary>
    public static Freshness FreshnessOf(IEnumerable<Freshness> all) =>
        all.Aggregate(Freshness.Fresh, static (one, other) => one.CombineWith(other));

    private async ValueTask<ReadResult<TDocument>> GetOfStream(
        TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var found = await GetOfStream(key, _format.KeyText(key), after, cancellationToken).ConfigureAwait(false);
        return found.Value is null && KeyText.FormerTextOf(key) is { } former
            ? await GetOfStream(key, former, after, cancellationToken).ConfigureAwait(false)
            : found;
    }

    private ValueTask<ReadResult<TDocument>> GetOfStream(
        TKey key, string text, ReadAfter after, CancellationToken cancellationToken) =>
        shards.Read(
            new StreamId($"{definition.Stream}-{text}"),
            async shard =>
            {
                var found = await _models
                    .From(shard, (model, required) => model.Get(key, required, cancellationToken), after)
                    .ConfigureAwait(false);
                return found with { Reflects = ShardReadModels<TKey, TDocument>.InShard(shard, found.Reflects) };
            },
            static found => found.Value is not null,
            cancellationToken);

    private async ValueTask<ReadResult<TDocument>> GetParts(
        TKey key, ReadAfter after, CancellationToken cancellationToken)
    {
        var all = await _models
            .FromAll((model, required) => model.Get(key, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);
        TDocument? document = null;
        foreach (var part in all)
        {
            if (part.Value is { } value)
                document = document is null ? value : _parts.Combine(document, value, _format.KeyText(key));
        }
        return new(document, FreshnessOf(all.Select(static one => one.Freshness)))
        {
            Reflects = _models.Combine([.. all.Select(static one => one.Reflects)]),
            Collection = all[0].Collection,
            ExpiresAt = all.Min(static one => one.ExpiresAt),
        };
    }
}
