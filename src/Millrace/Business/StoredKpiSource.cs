using System.Collections.Concurrent;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Business;

/// <summary>
/// Reads the business figures from stores without the code of the application. Each hour is stored with the kind, unit
/// and dimensions of its figure.
/// </summary>
/// <param name="stores">The stores of all shards, or the only store.</param>
internal sealed class StoredKpiSource(IReadOnlyList<EventStore> stores) : IKpiSource
{
    private readonly ConcurrentDictionary<(string Projection, int Store), string> _collections = new();

    public async Task<IReadOnlyList<KpiInfo>> List(CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, KpiInfo>(StringComparer.Ordinal);
        for (var i = 0; i < stores.Count; i++)
        {
            var records = await stores[i].Storage.Documents.ListReadModels(cancellationToken).ConfigureAwait(false);
            foreach (var record in records)
            {
                if (!record.Name.StartsWith(KpiBucket.ProjectionPrefix, StringComparison.Ordinal))
                    continue;
                _collections[(record.Name, i)] = record.Live;
                if (await Edge(i, record.Live, isLast: false, cancellationToken).ConfigureAwait(false) is { } bucket)
                    found[record.Name] = InfoOf(record.Name, bucket);
            }
        }
        return [.. found.Values];
    }

    public ValueTask<ConsistencyToken> GetToken(CancellationToken cancellationToken) => default;

    public async Task<KpiRange> GetRange(KpiInfo kpi, ReadAfter after, CancellationToken cancellationToken)
    {
        DateTimeOffset? first = null;
        DateTimeOffset? last = null;
        for (var i = 0; i < stores.Count; i++)
        {
            if (!_collections.TryGetValue((kpi.Projection, i), out var collection))
                continue;
            if (await Edge(i, collection, isLast: false, cancellationToken).ConfigureAwait(false) is not { } oldest)
                continue;
            var newest = await Edge(i, collection, isLast: true, cancellationToken).ConfigureAwait(false) ?? oldest;
            first = first < oldest.Start ? first : oldest.Start;
            last = last > newest.Start ? last : newest.Start;
        }
        return new KpiRange(first, last, Freshness.Fresh);
    }

    public async Task<KpiBuckets> GetMany(
        KpiInfo kpi, IReadOnlyCollection<string> keys, ReadAfter after, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, KpiBucket>(StringComparer.Ordinal);
        for (var i = 0; i < stores.Count; i++)
        {
            if (!_collections.TryGetValue((kpi.Projection, i), out var collection))
                continue;
            foreach (var document in await stores[i].Storage.Documents
                .GetMany(collection, keys, cancellationToken).ConfigureAwait(false))
            {
                if (TryRead(document) is not { } bucket)
                    continue;
                found[document.Key] = found.TryGetValue(document.Key, out var part)
                    ? part.CombineWith(bucket)
                    : bucket;
            }
        }
        return new KpiBuckets(found.Values, Freshness.Fresh);
    }

    private async Task<KpiBucket?> Edge(
        int store, string collection, bool isLast, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery { Collection = collection, IsDescending = isLast, Limit = 1 };
        var page = await stores[store].Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return page.Documents is [var document] ? TryRead(document) : null;
    }

    /// <summary>Returns a bucket; null for the document of another projection with such a name.</summary>
    private static KpiBucket? TryRead(Document document)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, KpiJson.Default.KpiBucket);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static KpiInfo InfoOf(string projection, KpiBucket bucket) => new()
    {
        Name = projection[KpiBucket.ProjectionPrefix.Length..],
        Kind = bucket.Kind,
        Unit = bucket.Unit ?? "",
        Dimensions = bucket.Dimensions ?? [],
        Projection = projection,
    };
}
