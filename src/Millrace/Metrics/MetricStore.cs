using System.Text.Json;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Metrics;

/// <summary>
/// Stores the history as documents: one with the newest samples of each node, one with the minutes of each hour of a
/// node, and one with the hours of each day of a node.
/// </summary>
internal sealed class MetricStore(EventStore store)
{
    /// <summary>The collection of the newest samples.</summary>
    public const string Latest = "metrics";

    /// <summary>The collection of the minutes.</summary>
    public const string Minutes = "metric-minutes";

    /// <summary>The collection of the hours.</summary>
    public const string Hours = "metric-hours";

    /// <summary>The field with the start of the hour or day.</summary>
    public const string StartField = "start";

    /// <summary>The field that is 1 if the hour of the minutes is stored.</summary>
    public const string DownsampledField = "downsampled";

    private const string NodeField = "node";
    private const int PageDocuments = 50;

    private static readonly CollectionDefinition[] Collections =
    [
        new(Latest, [new FieldDefinition(StartField, FieldKind.Integer)]),
        new(
            Minutes,
            [
                new FieldDefinition(NodeField, FieldKind.Text),
                new FieldDefinition(StartField, FieldKind.Integer),
                new FieldDefinition(DownsampledField, FieldKind.Integer),
            ]),
        new(
            Hours,
            [new FieldDefinition(NodeField, FieldKind.Text), new FieldDefinition(StartField, FieldKind.Integer)]),
    ];

    private readonly CollectionSet _collections = new(store, Collections);

    public EventStore Store => store;

    private IDocumentStorage Documents => store.Storage.Documents;

    public static string KeyOf(string node, DateTimeOffset start) =>
        $"{node}/{start.UtcDateTime.ToString("yyyy-MM-dd'T'HH", System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>Creates the collections if they do not exist.</summary>
    public ValueTask EnsureCollections(CancellationToken cancellationToken) => _collections.Ensure(cancellationToken);

    /// <summary>Returns a document of the history; null if it does not exist.</summary>
    public ValueTask<Document?> Find(string collection, string key, CancellationToken cancellationToken) =>
        Documents.Get(collection, key, cancellationToken);

    /// <summary>
    /// Returns the newest samples of all nodes, with their names. Those of nodes that stopped before a time are not
    /// read.
    /// </summary>
    public async IAsyncEnumerable<Document> ReadLatest(
        DateTimeOffset oldest,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Hours, cancellationToken).ConfigureAwait(false))
            yield break;
        var query = new DocumentQuery
        {
            Collection = Latest,
            Conditions = [new(StartField, Comparison.GreaterOrEqual, FieldValue.Microseconds(oldest))],
            Limit = PageDocuments,
        };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
            yield return document;
    }

    /// <summary>Returns the points that match, oldest first.</summary>
    public async IAsyncEnumerable<PointsRecord> ReadPoints(
        string collection,
        string? node,
        (DateTimeOffset From, DateTimeOffset To) starts,
        bool? isDownsampled,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Hours, cancellationToken).ConfigureAwait(false))
            yield break;
        List<FieldCondition> conditions =
        [
            new(StartField, Comparison.GreaterOrEqual, FieldValue.Microseconds(starts.From)),
            new(StartField, Comparison.Less, FieldValue.Microseconds(starts.To)),
        ];
        if (node is not null)
            conditions.Add(new FieldCondition(NodeField, Comparison.Equal, node));
        if (isDownsampled is { } flag)
            conditions.Add(new FieldCondition(DownsampledField, Comparison.Equal, flag ? 1L : 0L));
        var query = new DocumentQuery { Collection = collection, Conditions = conditions, Limit = PageDocuments };
        await foreach (var document in Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
            yield return ReadPoints(document);
    }

    /// <summary>Returns the start of the oldest stored minutes; null if there are none.</summary>
    public async ValueTask<DateTimeOffset?> FindFirstMinute(CancellationToken cancellationToken)
    {
        if (!await _collections.Has(Hours, cancellationToken).ConfigureAwait(false))
            return null;
        var query = new DocumentQuery { Collection = Minutes, OrderBy = StartField, Limit = 1 };
        var page = await Documents.Query(query, cancellationToken).ConfigureAwait(false);
        return page.Documents.Count > 0 ? ReadPoints(page.Documents[0]).Start : null;
    }

    /// <summary>Returns the oldest documents of a collection that start before a time, up to a limit.</summary>
    public async ValueTask<IReadOnlyList<Document>> FindBefore(
        string collection, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Collection = collection,
            Conditions = [new FieldCondition(StartField, Comparison.Less, FieldValue.Microseconds(before))],
            Limit = limit,
        };
        return (await Documents.Query(query, cancellationToken).ConfigureAwait(false)).Documents;
    }

    public static PointsRecord ReadPoints(Document document) => ReadPoints(document.Body);

    public static PointsRecord ReadPoints(ReadOnlyMemory<byte> body) =>
        JsonSerializer.Deserialize(body.Span, MetricJson.Default.PointsRecord)!;

    public static LatestRecord ReadLatest(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, MetricJson.Default.LatestRecord)!;

    public static DocumentChange WriteLatest(string node, LatestRecord record, long? fromVersion) => new()
    {
        Collection = Latest,
        Key = node,
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(record, MetricJson.Default.LatestRecord),
        Fields = [FieldValue.Microseconds(record.At)],
    };

    public static DocumentChange WritePoints(string collection, PointsRecord record, long? fromVersion) => new()
    {
        Collection = collection,
        Key = KeyOf(record.Node, record.Start),
        FromVersion = fromVersion,
        Body = JsonSerializer.SerializeToUtf8Bytes(record, MetricJson.Default.PointsRecord),
        Fields = collection == Minutes
            ? [record.Node, FieldValue.Microseconds(record.Start), record.IsDownsampled ? 1L : 0L]
            : [record.Node, FieldValue.Microseconds(record.Start)],
    };
}
