using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// A query for documents whose parts are in several shards. A condition or a sort order is about the combined values,
/// which no shard knows, so all documents are read and combined first. Their number is limited.
/// </summary>
internal sealed class CombinedQuery<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition,
    ShardReadModels<TKey, TDocument> models,
    PartCombiner<TDocument> parts)
    where TKey : notnull
    where TDocument : class
{
    /// <summary>The maximum number of documents that a query combines.</summary>
    public const int MaxDocuments = 10_000;

    private const int PageDocuments = 1_000;

    private readonly Dictionary<string, TDocument> _combined = new(StringComparer.Ordinal);
    private Freshness _freshness;
    private ConsistencyToken[] _reflected = [];
    private DateTimeOffset? _expiresAt;
    private string? _collection;

    public async ValueTask<ReadPage<TDocument>> Run(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        // The read model of a shard checks the names of fields and the limits.
        var check = query with { Skip = Math.Min(query.Skip, 0) };
        await models
            .FromAll((model, required) => model.Query(check, required, cancellationToken), default, cancellationToken)
            .ConfigureAwait(false);
        await ReadAll(after, cancellationToken).ConfigureAwait(false);
        var order = DocumentOrder<TDocument>.Of(definition.Fields, query);
        var start = query.Cursor is null ? (DocumentCursor?)null : order.Read(query.Cursor);
        var found = Matching(query.Conditions)
            .Select(pair => order.Place(pair.Value, pair.Key))
            .Where(item => start is null || order.Compare(item.Cursor, start.Value) > 0)
            .Order(order)
            .Skip(query.Skip)
            .Take(query.Limit + 1)
            .ToList();
        var next = found.Count > query.Limit ? order.Write(found[query.Limit - 1].Cursor) : null;
        var conditions = query.Conditions.Select(static condition => condition.Field);
        return new ReadPage<TDocument>(
            [.. found.Take(query.Limit).Select(static item => item.Document)], next, _freshness)
        {
            Members = [.. query.OrderBy is { } sorted ? conditions.Append(sorted) : conditions],
            Reflects = models.Combine(_reflected),
            Collection = _collection,
            ExpiresAt = _expiresAt,
        };
    }

    public async ValueTask<ReadResult<long>> Count(
        IReadOnlyList<FieldCondition> conditions, ReadAfter after, CancellationToken cancellationToken)
    {
        await models
            .FromAll(
                (model, required) => model.Count(conditions, required, cancellationToken), default, cancellationToken)
            .ConfigureAwait(false); // Checks the names of fields.
        await ReadAll(after, cancellationToken).ConfigureAwait(false);
        return new(Matching(conditions).LongCount(), _freshness)
        {
            Reflects = models.Combine(_reflected),
            Collection = _collection,
            ExpiresAt = _expiresAt,
        };
    }

    private IEnumerable<KeyValuePair<string, TDocument>> Matching(IReadOnlyList<FieldCondition> conditions)
    {
        var converted = FieldValueParser.Read(conditions, definition.Fields)
            .Select(condition => condition.ConvertTo(FieldOf(condition.Field).Kind))
            .OfType<FieldCondition>() // Null is true for every document.
            .ToArray();
        return _combined.Where(pair => Array.TrueForAll(converted, condition =>
            FieldOrder.Meets(FieldOf(condition.Field).Get(pair.Value), condition.Comparison, condition.Value)));
    }

    private DocumentField<TDocument> FieldOf(string name) => definition.Fields.First(field => field.Name == name);

    /// <summary>Reads the documents of all shards in the order of their keys, and combines them.</summary>
    private async ValueTask ReadAll(ReadAfter after, CancellationToken cancellationToken)
    {
        var all = await models
            .FromAll((model, required) => ReadShard(model, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);
        _freshness = ShardedReadModel<TKey, TDocument>.FreshnessOf(
            all.SelectMany(static pages => pages).Select(static page => page.Freshness));
        _reflected = [.. all.Select(static pages => pages[0].Reflects)];
        _expiresAt = all.SelectMany(static pages => pages).Min(static page => page.ExpiresAt);
        _collection = all[0][0].Collection;
        foreach (var page in all.SelectMany(static pages => pages))
        {
            for (var i = 0; i < page.Items.Count; i++)
            {
                var (key, part) = (page.Keys[i], page.Items[i]);
                _combined[key] = _combined.TryGetValue(key, out var other) ? parts.Combine(other, part, key) : part;
            }
        }
    }

    private static async ValueTask<List<ReadPage<TDocument>>> ReadShard(
        IReadModel<TKey, TDocument> model, ReadAfter after, CancellationToken cancellationToken)
    {
        var pages = new List<ReadPage<TDocument>>();
        var query = new ReadQuery { Limit = PageDocuments };
        do
        {
            var page = await model.Query(query, after, cancellationToken).ConfigureAwait(false);
            pages.Add(page);
            if (pages.Sum(static one => one.Items.Count) > MaxDocuments)
                throw new LimitExceededException(
                    "number of documents that a query combines from the shards",
                    pages.Sum(static one => one.Items.Count),
                    MaxDocuments,
                    "fixed: query a read model whose key is the key of a stream");
            query = query with { Cursor = page.Next };
        }
        while (query.Cursor is not null);
        return pages;
    }
}
