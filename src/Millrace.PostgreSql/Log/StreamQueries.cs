using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Reads streams, single events and removal records. Each read is one statement, and thus sees one state of the log.
/// </summary>
internal sealed class StreamQueries(Tables tables)
{
    private const string RemovalColumns =
        "stream, kind, from_version, to_version, events, reason, removed_by, removed_at";

    private const int MaxExpectedBytes = 64 * 1024;

    private readonly string _readForwards = Page(tables, EventRow.ColumnsOfStream, backwards: false);
    private readonly string _readBackwards = Page(tables, EventRow.ColumnsOfStream, backwards: true);
    private readonly string _readFolded = Page(tables, EventRow.FoldedColumns, backwards: false);
    private readonly string _readTogether = Pages(tables, EventRow.ColumnsOfStream);
    private readonly string _readFoldedTogether = Pages(tables, EventRow.FoldedColumns);
    private readonly string _findById =
        $"SELECT {EventRow.Columns} FROM {tables.Events} e WHERE e.id = $1 ORDER BY e.position LIMIT 1";
    private readonly string _findByIdInStream =
        $"SELECT {EventRow.Columns} FROM {tables.Events} e WHERE e.id = $1 AND e.stream = $2 ORDER BY e.position "
            + "LIMIT 1";
    private readonly string _findHead = $"""
        SELECT e.version, b.first_version, b.state
        FROM (SELECT version FROM {tables.Events} WHERE stream = $1 ORDER BY version DESC LIMIT 1) e
        LEFT JOIN {tables.StreamBounds} b ON b.stream = $1
        """;

    // Steps from name to name through the index, however many events each stream has.
    private readonly string _list = $"""
        WITH RECURSIVE names AS (
            (SELECT e.stream, 1 AS number FROM {tables.Events} e
                WHERE e.stream >= $1 AND e.stream > $2 AND ($3::text IS NULL OR e.stream < $3) ORDER BY e.stream LIMIT 1)
            UNION ALL
            SELECT (SELECT e.stream FROM {tables.Events} e WHERE e.stream > n.stream AND ($3::text IS NULL OR e.stream < $3)
                ORDER BY e.stream LIMIT 1), n.number + 1
            FROM names n WHERE n.stream IS NOT NULL AND n.number < $4)
        SELECT n.stream, h.version, coalesce(b.first_version, 1), coalesce(b.state, 0::smallint)
        FROM names n
        CROSS JOIN LATERAL (SELECT e.version FROM {tables.Events} e WHERE e.stream = n.stream ORDER BY e.version DESC LIMIT 1) h
        LEFT JOIN {tables.StreamBounds} b ON b.stream = n.stream
        ORDER BY n.stream
        """;

    private readonly string _removals = $"""
        SELECT {RemovalColumns} FROM {tables.Removals} WHERE $1::text IS NULL OR stream = $1 ORDER BY id
        """;
    private readonly string _removalPage =
        $"SELECT {RemovalColumns}, id FROM {tables.Removals} WHERE id > $1 ORDER BY id LIMIT $2";
    private readonly string _lastRemoval = $"SELECT coalesce(max(id), 0) FROM {tables.Removals}";
    private int _usualBytes = 4 * 1024; // The estimated size of a page.

    /// <summary>Returns a query that counts the streams by stepping from name to name through the index.</summary>
    public static string Count(Tables tables) => $"""
        WITH RECURSIVE names AS (
            (SELECT e.stream FROM {tables.Events} e ORDER BY e.stream LIMIT 1)
            UNION ALL
            SELECT (SELECT e.stream FROM {tables.Events} e WHERE e.stream > n.stream ORDER BY e.stream LIMIT 1)
            FROM names n WHERE n.stream IS NOT NULL)
        SELECT count(stream) FROM names
        """;

    /// <summary>Returns the command that reads a page. It reads one event more than the page has.</summary>
    public NpgsqlCommand PageCommand(NpgsqlConnection connection, StreamPageQuery query) =>
        connection.Command(query.IsBackwards ? _readBackwards : query.IsFolded ? _readFolded : _readForwards)
            .With(query.Stream.Value).With(query.From).With(query.Limit + 1L);

    public async ValueTask<EventPage> Read(
        NpgsqlConnection connection, StreamPageQuery query, CancellationToken cancellationToken)
    {
        var isFolded = query is { IsFolded: true, IsBackwards: false };
        var command = PageCommand(connection, query);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var page = new PageCollector(query.Limit, query.Stream, isFolded);
        var memory = new RowBuffer(_usualBytes);
        if (!await page.Read(row, memory, cancellationToken).ConfigureAwait(false))
            command.Cancel(); // The remaining rows are not needed.
        UpdateUsualBytes(memory.Copied, pages: 1);
        return page.OfStream(query);
    }

    /// <summary>
    /// Reads pages of several streams, oldest events first, and completes each read when its page is complete.
    /// </summary>
    /// <returns>False if a page was too large for a shared read. The later pages were then not read.</returns>
    public async ValueTask<bool> Read(
        NpgsqlConnection connection,
        IReadOnlyList<PendingRead<StreamPageQuery, EventPage>> reads,
        CancellationToken cancellationToken)
    {
        var names = new string[reads.Count];
        var starts = new long[reads.Count];
        var sizes = new long[reads.Count];
        var areFolded = true;
        for (var i = 0; i < reads.Count; i++)
        {
            var query = reads[i].Query; // A completed read requests nothing.
            (names[i], starts[i], sizes[i]) = (query.Stream.Value, query.From, reads[i].IsDone ? 0 : query.Limit + 1L);
            areFolded &= query.IsFolded;
        }
        var command = connection
            .Command(areFolded ? _readFoldedTogether : _readTogether)
            .With(names)
            .With(starts)
            .With(sizes);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var memory = new RowBuffer(_usualBytes * reads.Count);
        PageCollector? page = null;
        var current = 0;
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var number = (int)row.GetInt64(areFolded ? EventRow.FoldedCount : EventRow.ColumnCount) - 1;
            for (; current < number; current++, page = null)
                DistributePage(reads[current], page);
            page ??= new PageCollector(reads[current].Query.Limit, reads[current].Query.Stream, areFolded);
            if (page.Take(row, memory))
                continue;
            command.Cancel(); // The remaining rows may be as large.
            reads[current].TrySetResult(page.OfStream(reads[current].Query));
            return false;
        }
        for (; current < reads.Count; current++, page = null)
            DistributePage(reads[current], page);
        UpdateUsualBytes(memory.Copied, reads.Count);
        return true;
    }

    /// <summary>
    /// Adapts the expected page size to the latest pages, so that a page fits in one memory block with little unused
    /// space. Races between concurrent readers do not matter.
    /// </summary>
    private void UpdateUsualBytes(int bytes, int pages)
    {
        var pageBytes = Math.Min(bytes / pages, MaxExpectedBytes);
        _usualBytes += ((pageBytes + (pageBytes / 8)) - _usualBytes) / 8;
    }

    private static void DistributePage(PendingRead<StreamPageQuery, EventPage> read, PageCollector? page)
    {
        if (!read.IsDone)
            read.TrySetResult((page ?? new PageCollector(0)).OfStream(read.Query));
    }

    public async ValueTask<RecordedEvent?> Find(
        NpgsqlConnection connection,
        Guid id,
        CancellationToken cancellationToken
    ) => await ReadOne(connection.Command(_findById).With(id), cancellationToken).ConfigureAwait(false);

    public async ValueTask<RecordedEvent?> Find(
        NpgsqlConnection connection,
        StreamId stream,
        Guid id,
        CancellationToken cancellationToken) =>
        await ReadOne(connection.Command(_findByIdInStream).With(id).With(stream.Value), cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<StreamHead> GetHead(
        NpgsqlConnection connection, StreamId stream, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findHead).With(stream.Value);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new StreamHead(
                row.GetInt64(0),
                row.FindInt64(1) ?? 1,
                row.IsDBNull(2) ? StreamState.Open : (StreamState)row.GetInt16(2))
            : StreamHead.None;
    }

    public async ValueTask<IReadOnlyList<StreamInfo>> List(
        NpgsqlConnection connection, string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        if (limit < 1)
            return [];
        var (low, end) = TextRange.Of(prefix);
        var command = connection.Command(_list).With(low).With(after ?? "").With(end, NpgsqlDbType.Text).With(limit);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var found = new List<StreamInfo>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(new StreamInfo(
                new StreamId(row.GetString(0)), row.GetInt64(1), row.GetInt64(2), (StreamState)row.GetInt16(3)));
        }
        return found;
    }

    public async ValueTask<IReadOnlyList<RemovalRecord>> Removals(
        NpgsqlConnection connection, StreamId? stream, CancellationToken cancellationToken)
    {
        var command = connection.Command(_removals).With(stream?.Value, NpgsqlDbType.Text);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var records = new List<RemovalRecord>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            records.Add(ReadRemoval(row));
        return records;
    }

    public async ValueTask<RemovalPage> Removals(
        NpgsqlConnection connection, long after, int limit, CancellationToken cancellationToken)
    {
        var page = new List<NumberedRemoval>();
        var command = connection.Command(_removalPage).With(after).With(limit);
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                page.Add(new NumberedRemoval(row.GetInt64(8), ReadRemoval(row)));
        }
        if (page.Count > 0)
            return new RemovalPage(page, page[^1].Number);
        var last = connection.Command(_lastRemoval);
        await using var __ = last.ConfigureAwait(false);
        return new RemovalPage(page, Math.Min(after, await last.Scalar(0L, cancellationToken).ConfigureAwait(false)));
    }

    private static RemovalRecord ReadRemoval(NpgsqlDataReader row) => new(
        new StreamId(row.GetString(0)), (RemovalKind)row.GetInt16(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4),
        StoredText.Unescape(row.GetString(5))!, StoredText.Unescape(row.FindString(6)), row.GetTime(7));

    private static async ValueTask<RecordedEvent?> ReadOne(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? EventRow.Read(row, new RowBuffer())
            : null;
    }

    private static string Page(Tables tables, string columns, bool backwards) => $"""
        SELECT {columns} FROM {tables.Events} e
        WHERE e.stream = $1
            AND e.version >= coalesce((SELECT first_version FROM {tables.StreamBounds} WHERE stream = $1), 1)
            AND NOT EXISTS (SELECT FROM {tables.StreamBounds} WHERE stream = $1 AND state <> 0)
            AND e.version {(backwards ? "<=" : ">=")} $2
        ORDER BY e.version{(backwards ? " DESC" : "")} LIMIT $3
        """;

    /// <summary>
    /// Returns the query for pages of several streams. Wrapping the arrays in SELECT hides their length from the
    /// planner, which would otherwise plan again for small arrays.
    /// </summary>
    private static string Pages(Tables tables, string columns) => $"""
        SELECT p.* FROM unnest((SELECT $1), (SELECT $2), (SELECT $3)) WITH ORDINALITY AS s (stream, start, size, number)
        CROSS JOIN LATERAL (
            SELECT {columns}, s.number FROM {tables.Events} e
            WHERE e.stream = s.stream
                AND e.version >= coalesce((SELECT b.first_version FROM {tables.StreamBounds} b WHERE b.stream = s.stream), 1)
                AND NOT EXISTS (SELECT FROM {tables.StreamBounds} b WHERE b.stream = s.stream AND b.state <> 0)
                AND e.version >= s.start
            ORDER BY e.version LIMIT s.size) p
        """;
}
