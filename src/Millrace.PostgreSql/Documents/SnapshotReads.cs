using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Documents;

/// <summary>
/// Reads snapshots with their streams, each with one statement. Reads that wait at the same moment share a statement.
/// </summary>
internal sealed class SnapshotReads
{
    private const int Number = FoldedStream.ColumnCount;
    private const int Version = Number + 1;
    private const int Position = Number + 2;
    private const int Body = Number + 3;
    private const int Head = Number + 4;
    private const int First = Number + 5;
    private const int State = Number + 6;

    private readonly PostgreSqlDocuments _documents;
    private readonly ReadCoalescer<SnapshotQuery, StoredSnapshot> _coalescer;

    public SnapshotReads(PostgreSqlDocuments documents)
    {
        _documents = documents;
        _coalescer = new ReadCoalescer<SnapshotQuery, StoredSnapshot>(ReadAlone, ReadTogether);
    }

    /// <summary>The number of reads that shared a statement.</summary>
    public long Joined => _coalescer.Joined;

    /// <summary>Returns the statement that reads documents of a collection together with their streams.</summary>
    /// <remarks>
    /// The joins use indexes for any number of documents, because OFFSET makes the server look up each stream
    /// separately. The query searches the version of a snapshot from the end of its stream, in events that it reads
    /// anyway.
    /// </remarks>
    public static string SelectFrom(string table, Tables tables)
    {
        var events = FoldedStream.RowOf($"""
            SELECT {FoldedStream.Sources} FROM {tables.Events} e
            WHERE e.stream = s.stream AND e.version >= greatest(b.first_version, t.version + 1, 1) AND coalesce(b.state, 0) = 0
            ORDER BY e.version LIMIT s.size
            """);
        return $"""
            SELECT p.*, s.number, d.version, d.position, d.body, h.version, b.first_version, b.state
            FROM unnest((SELECT $1), (SELECT $2), (SELECT $3)) WITH ORDINALITY AS s (stream, key, size, number)
            LEFT JOIN LATERAL (SELECT f.version, f.position, f.body FROM {table} f WHERE f.key = s.key OFFSET 0) d ON true
            LEFT JOIN LATERAL (
                SELECT f.first_version, f.state FROM {tables.StreamBounds} f WHERE f.stream = s.stream OFFSET 0) b ON true
            LEFT JOIN LATERAL (
                SELECT e.version FROM {tables.Events} e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1) h ON true
            LEFT JOIN LATERAL (
                SELECT e.version FROM {tables.Events} e
                WHERE d.position IS NOT NULL AND e.stream = s.stream AND e.position <= d.position
                ORDER BY e.version DESC LIMIT 1) t ON true
            CROSS JOIN LATERAL ({events}) p
            """;
    }

    public ValueTask<StoredSnapshot> Read(SnapshotQuery query, CancellationToken cancellationToken) =>
        _coalescer.Read(query, cancellationToken);

    private ValueTask<StoredSnapshot> ReadAlone(SnapshotQuery query, CancellationToken cancellationToken) =>
        _documents.OnCollection(
            query.Collection,
            static async (connection, found, query, cancel) =>
            {
                var snapshot = default(StoredSnapshot);
                await Read(connection, found, [query], (_, stored) => snapshot = stored, cancel).ConfigureAwait(false);
                return snapshot;
            },
            query,
            cancellationToken);

    /// <summary>Reads with one statement for each collection, because each tenant has its own collection.</summary>
    private async ValueTask ReadTogether(List<PendingRead<SnapshotQuery, StoredSnapshot>> batch)
    {
        var remaining = batch;
        while ((remaining = remaining.FindAll(static read => !read.IsDone)).Count > 0)
        {
            var collection = remaining[0].Query.Collection;
            await ReadOf(collection, remaining.FindAll(read => read.Query.Collection == collection))
                .ConfigureAwait(false);
            remaining = remaining.FindAll(read => read.Query.Collection != collection);
        }
    }

    private async ValueTask ReadOf(string collection, List<PendingRead<SnapshotQuery, StoredSnapshot>> reads) =>
        await _documents.OnCollection(
            collection,
            static async (connection, found, reads, cancel) =>
            {
                var queries = reads.ConvertAll(static read => read.Query);
                await Read(connection, found, queries, (number, stored) => reads[number].TrySetResult(stored), cancel)
                    .ConfigureAwait(false);
                return true;
            },
            reads,
            CancellationToken.None).ConfigureAwait(false);

    private static async ValueTask Read(
        NpgsqlConnection connection,
        Collection collection,
        List<SnapshotQuery> queries,
        Action<int, StoredSnapshot> onRead,
        CancellationToken cancellationToken)
    {
        var streams = new string[queries.Count];
        var keys = new string[queries.Count];
        var sizes = new long[queries.Count];
        for (var i = 0; i < queries.Count; i++)
        {
            var query = queries[i];
            streams[i] = query.Stream.Value;
            keys[i] = StoredText.Check(query.Key);
            sizes[i] = FoldedStream.SizeOf(query.Limit);
        }
        var command = connection.Command(collection.FindWithStreams).With(streams).With(keys).With(sizes);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var memory = new RowBuffer();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var number = (int)row.GetInt64(Number) - 1;
            onRead(number, ReadOne(row, memory, queries[number]));
        }
    }

    private static StoredSnapshot ReadOne(NpgsqlDataReader row, RowBuffer memory, SnapshotQuery query)
    {
        var document = row.IsDBNull(Body)
            ? null
            : new Document(query.Key, row.GetInt64(Version), row.GetInt64(Position), row.GetFieldValue<byte[]>(Body));
        var head = row.FindInt64(Head) is { } version
            ? new StreamHead(
                version,
                row.FindInt64(First) ?? 1,
                row.IsDBNull(State) ? StreamState.Open : (StreamState)row.GetInt16(State))
            : StreamHead.None;
        return new StoredSnapshot(document, head, FoldedStream.Read(row, memory, query.Stream, from: 1, query.Limit));
    }
}
