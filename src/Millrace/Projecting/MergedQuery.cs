using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// A query for documents of which each is in one shard. Merges the pages of the shards in the requested order. A cursor
/// is a place in this order, so the same cursor continues in every shard.
/// </summary>
internal sealed class MergedQuery<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition,
    ShardReadModels<TKey, TDocument> models,
    PartCombiner<TDocument> parts)
    where TKey : notnull
    where TDocument : class
{
    private const int MaxPage = 1_000;

    private readonly List<ReadPage<TDocument>> _pages = [];

    public async ValueTask<ReadPage<TDocument>> Run(
        ReadQuery query, ReadAfter after, CancellationToken cancellationToken)
    {
        var order = DocumentOrder<TDocument>.Of(definition.Fields, query);
        var items = new List<TDocument>();
        var skip = query.Skip;
        var hasMore = false;
        var next = query with { Skip = 0, Limit = (int)Math.Min(MaxPage, (long)query.Limit + query.Skip) };
        do
        {
            var page = await ReadMerged(next, order, after, cancellationToken).ConfigureAwait(false);
            (hasMore, var last) = (page.HasMore, page.Last);
            foreach (var item in page.Items)
            {
                if (skip-- > 0)
                    continue;
                if (items.Count == query.Limit)
                {
                    hasMore = true;
                    break;
                }
                items.Add(item.Document);
                last = item.Cursor;
            }
            next = next with { Cursor = last is { } end ? order.Write(end) : null };
        }
        while (hasMore && items.Count < query.Limit);
        return ResultOf(items, hasMore ? next.Cursor : null);
    }

    /// <summary>Reads a page of each shard, and merges them up to the end of the shortest page.</summary>
    private async ValueTask<(List<PlacedDocument<TDocument>> Items, bool HasMore, DocumentCursor? Last)> ReadMerged(
        ReadQuery query, DocumentOrder<TDocument> order, ReadAfter after, CancellationToken cancellationToken)
    {
        var pages = await models
            .FromAll((model, required) => model.Query(query, required, cancellationToken), after, cancellationToken)
            .ConfigureAwait(false);
        _pages.AddRange(pages);
        DocumentCursor? end = null;
        foreach (var page in pages)
        {
            if (page.Next is { } text
                && order.Read(text) is var cursor
                && (end is null || order.Compare(cursor, end.Value) < 0))
                end = cursor;
        }
        var items = pages
            .SelectMany(page => page.Items.Select((item, index) => order.Place(item, page.Keys[index])))
            .Where(item => end is null || order.Compare(item.Cursor, end.Value) <= 0)
            .Order(order)
            .ToList();
        for (var i = 1; i < items.Count; i++)
        {
            if (items[i].Cursor.Key == items[i - 1].Cursor.Key)
                parts.Combine(items[i - 1].Document, items[i].Document, items[i].Cursor.Key); // Throws.
        }
        return (items, end is not null, end);
    }

    private ReadPage<TDocument> ResultOf(List<TDocument> items, string? next)
    {
        var shards = _pages.Count;
        return new ReadPage<TDocument>(
            items, next, ShardedReadModel<TKey, TDocument>.FreshnessOf(_pages.Select(static page => page.Freshness)))
        {
            Members = _pages[0].Members,
            Collection = _pages[0].Collection,
            ExpiresAt = _pages.Min(static page => page.ExpiresAt),
            // Several pages of a shard reflect several positions.
            Reflects = shards == models.Count
                ? models.Combine([.. _pages.Select(static page => page.Reflects)])
                : default,
        };
    }
}
