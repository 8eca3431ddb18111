using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Sharding;

/// <summary>
/// Reads documents that are in one of the shards, such as timers and the instances of processes. Documents are written
/// with the events of a stream, in its shard. The parts of read models are not combined here.
/// </summary>
internal sealed class ShardedDocuments(IShardStores shards) : IDocumentStorage
{
    private const int MaxPage = 1_000;

    public async ValueTask<bool> EnsureCollection(
        CollectionDefinition collection, CancellationToken cancellationToken)
    {
        var all = await FromAll((_, documents) => documents.EnsureCollection(collection, cancellationToken).AsTask())
            .ConfigureAwait(false);
        return Array.TrueForAll(all, static isSame => isSame);
    }

    public async ValueTask<Document?> Get(string collection, string key, CancellationToken cancellationToken)
    {
        var all = await FromAll(async (shard, documents) =>
            In(shard, await documents.Get(collection, key, cancellationToken).ConfigureAwait(false)))
            .ConfigureAwait(false);
        return Array.Find(all, static document => document is not null);
    }

    public async ValueTask<IReadOnlyList<Document>> GetMany(
        string collection, IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        var all = await FromAll((_, documents) => documents.GetMany(collection, keys, cancellationToken).AsTask())
            .ConfigureAwait(false);
        return [.. all.SelectMany(static documents => documents)];
    }

    public async ValueTask<DocumentPage> Query(DocumentQuery query, CancellationToken cancellationToken)
    {
        if (query.Skip > MaxPage - query.Limit)
            throw new NotAcrossShardsException(
                $"A query cannot skip {query.Skip:N0} documents", "Continue with the cursor of the previous page.");
        var first = query with { Skip = 0, Limit = query.Limit + query.Skip, WithFields = true };
        var pages = await FromAll(async (shard, documents) =>
        {
            var page = await documents.Query(first, cancellationToken).ConfigureAwait(false);
            return page with { Documents = [.. page.Documents.Select(document => In(shard, document)!)] };
        }).ConfigureAwait(false);
        var field = await FindField(query, cancellationToken).ConfigureAwait(false);
        var order = Comparer<DocumentCursor>.Create((one, other) => Compare(one, other, query.IsDescending));
        var ends = pages.Select(static page => page.Next).OfType<DocumentCursor>().Order(order).ToArray();
        var merged = pages.SelectMany(static page => page.Documents)
            .Select(document => (Document: document, Cursor: CursorOf(document, field)))
            .Where(one => ends.Length == 0 || order.Compare(one.Cursor, ends[0]) <= 0)
            .OrderBy(static one => one.Cursor, order)
            .Skip(query.Skip)
            .ToArray();
        var taken = merged.Take(query.Limit).ToArray();
        var hasMore = merged.Length > taken.Length || ends.Length > 0;
        return new DocumentPage(
            [.. taken.Select(static one => one.Document)], hasMore && taken.Length > 0 ? taken[^1].Cursor : null);
    }

    public async ValueTask<long> Count(
        string collection, IReadOnlyList<FieldCondition> conditions, CancellationToken cancellationToken)
    {
        var all = await FromAll((_, documents) => documents.Count(collection, conditions, cancellationToken).AsTask())
            .ConfigureAwait(false);
        return all.Sum();
    }

    public async ValueTask<IReadOnlyList<CollectionInfo>> List(CancellationToken cancellationToken)
    {
        var all = await FromAll((_, documents) => documents.List(cancellationToken).AsTask()).ConfigureAwait(false);
        return
        [
            .. all.SelectMany(static collections => collections)
                .GroupBy(static info => info.Definition.Name, StringComparer.Ordinal)
                .Select(static same => same.First() with { Documents = same.Sum(static info => info.Documents) })
                .OrderBy(static info => info.Definition.Name, StringComparer.Ordinal),
        ];
    }

    public async ValueTask<IReadOnlyList<CollectionDefinition>> ListDefinitions(CancellationToken cancellationToken)
    {
        var all = await FromAll((_, documents) => documents.ListDefinitions(cancellationToken).AsTask())
            .ConfigureAwait(false);
        return
        [
            .. all.SelectMany(static collections => collections)
                .DistinctBy(static collection => collection.Name)
                .OrderBy(static collection => collection.Name, StringComparer.Ordinal),
        ];
    }

    public ValueTask Clear(string collection, string? consumer, CancellationToken cancellationToken) =>
        throw OneByOne("Documents cannot be removed from all shards");

    public ValueTask<bool> Drop(string collection, DateTimeOffset now, CancellationToken cancellationToken) =>
        throw OneByOne("A collection cannot be removed from all shards");

    public ValueTask<IReadOnlyList<ReadModelRecord>> ListReadModels(CancellationToken cancellationToken) =>
        throw OneByOne("The shards have no common catalog of read models");

    public ValueTask<bool> PutReadModel(
        ReadModelRecord record, string? reached, CancellationToken cancellationToken) =>
        throw OneByOne("The shards have no common catalog of read models");

    private static Document? In(ShardId shard, Document? document) =>
        document is null ? null : document with { Shard = shard.Value };

    private static DocumentCursor CursorOf(Document document, int? field) => new(
        field is { } index ? document.Fields![index] : FieldValue.Null, document.Key); // The query asks for fields.

    private static int Compare(DocumentCursor one, DocumentCursor other, bool isDescending)
    {
        var byValue = FieldOrder.Compare(one.Value, other.Value);
        var order = byValue != 0 ? byValue : CodePointOrder.Instance.Compare(one.Key, other.Key);
        return isDescending ? -order : order;
    }

    /// <summary>Returns the index of the field by which a query sorts; null if it sorts by the key.</summary>
    private async ValueTask<int?> FindField(DocumentQuery query, CancellationToken cancellationToken)
    {
        if (query.OrderBy is null)
            return null;
        foreach (var collection in await ListDefinitions(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < collection.Fields.Count && collection.Name == query.Collection; i++)
            {
                if (collection.Fields[i].Name == query.OrderBy)
                    return i;
            }
        }
        return null;
    }

    private Task<TResult[]> FromAll<TResult>(Func<ShardId, IDocumentStorage, Task<TResult>> read) => Task.WhenAll(
        shards.Map.Shards.Select(one => read(one.Shard, shards.StoreOf(one.Shard).Storage.Documents)));

    private static NotAcrossShardsException OneByOne(string operation) =>
        new(operation, "Each shard has its own documents: take the store of a shard.");
}
