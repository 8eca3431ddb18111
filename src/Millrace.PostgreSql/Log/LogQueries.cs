using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>Reads the log by filter.</summary>
internal sealed class LogQueries(Tables tables)
{
    /// <summary>The minimum number of events for which COPY saves more than planning its statement costs.</summary>
    private const int MinCopiedEvents = 500;

    private readonly string _findLast = $"SELECT coalesce(max(position), 0) FROM {tables.Events}";
    private readonly string _findHead =
        $"SELECT epoch, (SELECT coalesce(max(position), 0) FROM {tables.Events}) FROM {tables.Header}";
    private readonly string _readAfter = $"""
        SELECT {EventRow.Columns} FROM {tables.Events} e
        WHERE e.position > $1 AND (SELECT max(position) FROM {tables.Events}) <= $1 + $2 ORDER BY e.position
        """;
    private readonly string _countAll = $"""
        SELECT coalesce(max(position), 0) - (SELECT coalesce(sum(events), 0) FROM {tables.Removals})::bigint FROM {tables.Events}
        """;

    /// <summary>
    /// Adds a query for the first position at which an event matches a condition. No row means no match.
    /// </summary>
    public void QueryFirst(FactQueryBatch questions, AppendCondition condition)
    {
        var sql = FirstMatch(condition.Filter, condition.After);
        sql.AddTo(questions.Add(sql.ToString(), static (row, facts, context) =>
        {
            var excluded = (AppendCondition)context!; // Set by the caller.
            if (!row.IsDBNull(0))
                facts.AddMatch(excluded.Filter, excluded.After, row.GetInt64(0));
        }, condition));
    }

    public async ValueTask<LogHead> ReadHead(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(_findHead);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await ReadHead(row, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads the end of the log and, in the same round trip, the events after a known end, unless they exceed a page.
    /// </summary>
    public async ValueTask<LogUpdate> ReadUpdate(
        NpgsqlConnection connection, LogHead seen, int limit, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        batch.Add(_findHead);
        batch.Add(_readAfter).With(seen.Position).With((long)limit);
        var row = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var head = await ReadHead(row, cancellationToken).ConfigureAwait(false);
        await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var page = new PageCollector(limit);
        if (!await page.Read(row, new RowBuffer(), cancellationToken).ConfigureAwait(false))
            batch.Cancel(); // The events are too large for one page.
        var events = page.OfLog(
            new LogPageQuery(EventFilter.All, seen.Position + 1, IsBackwards: false, limit), 0).Events;
        if (events.Count == 0 || head.Epoch != seen.Epoch)
            return new LogUpdate(head, []);
        // The events were read after the end of the log, and may go beyond it.
        return new LogUpdate(head with { Position = Math.Max(head.Position, events[^1].Position) }, events);
    }

    public ValueTask<EventPage> Read(
        NpgsqlConnection connection, LogPageQuery query, CancellationToken cancellationToken) =>
        query.Filter.IsAll && query.Limit >= MinCopiedEvents
            ? ReadCopied(connection, query, cancellationToken)
            : ReadSelected(connection, query, cancellationToken);

    public async ValueTask<long> Count(
        NpgsqlConnection connection, EventFilter filter, CancellationToken cancellationToken)
    {
        var sql = new SqlText(filter.IsAll ? _countAll : $"SELECT count(*) FROM {tables.Events} e WHERE true");
        if (!filter.IsAll)
            FilterSql.Add(sql, filter, tables);
        var command = sql.Command(connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts to copy the events of a page and of the given number of following pages.</summary>
    public Task<NpgsqlRawCopyStream> StartCopy(
        NpgsqlConnection connection, LogPageQuery query, long limit, CancellationToken cancellationToken)
    {
        // COPY has no parameters; these values are numbers.
        var rows = string.Create(CultureInfo.InvariantCulture, $"""
            SELECT {(query.IsBrief ? EventRow.BriefColumns : EventRow.Columns)} FROM {tables.Events} e
            WHERE e.position {(query.IsBackwards ? "<=" : ">=")} {query.From}
            ORDER BY e.position{(query.IsBackwards ? " DESC" : "")} LIMIT {limit}
            """);
        return connection.BeginRawBinaryCopyAsync($"COPY ({rows}) TO STDOUT (FORMAT binary)", cancellationToken);
    }

    private static async ValueTask<LogHead> ReadHead(NpgsqlDataReader row, CancellationToken cancellationToken) =>
        await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new LogHead(row.GetInt64(0), row.GetInt64(1))
            : throw new StorageException(
                "The store has no header. It is damaged: restore a backup.", StorageProblem.Damaged);

    private async ValueTask<EventPage> ReadSelected(
        NpgsqlConnection connection, LogPageQuery query, CancellationToken cancellationToken)
    {
        var batch = new NpgsqlBatch(connection);
        await using var _ = batch.ConfigureAwait(false);
        var readsLast = !query.Filter.IsAll && !query.IsBackwards;
        if (readsLast)
            batch.Add(_findLast);
        var sql = Page(query);
        sql.AddTo(batch.Add(sql.ToString()));
        var row = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var last = 0L; // Read before the events, so that the read covers all events up to it.
        if (readsLast)
        {
            await row.ReadAsync(cancellationToken).ConfigureAwait(false);
            last = row.GetInt64(0);
            await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
        var page = new PageCollector(query.Limit);
        if (!await page.Read(row, new RowBuffer(), cancellationToken).ConfigureAwait(false))
            batch.Cancel(); // The remaining rows are not needed.
        return page.OfLog(query, last);
    }

    private async ValueTask<EventPage> ReadCopied(
        NpgsqlConnection connection, LogPageQuery query, CancellationToken cancellationToken)
    {
        var copy = await StartCopy(connection, query, query.Limit + 1L, cancellationToken).ConfigureAwait(false);
        await using var _ = copy.ConfigureAwait(false);
        var page = new PageCollector(query.Limit);
        if (!await page.Read(new CopyRowReader(copy), cancellationToken).ConfigureAwait(false))
            await copy.CancelAsync().ConfigureAwait(false);
        return page.OfLog(query, last: 0);
    }

    /// <summary>Builds the statement of a page. It reads one event more than the page has.</summary>
    internal SqlText Page(LogPageQuery query)
    {
        var columns = query.IsBrief ? EventRow.BriefColumns : EventRow.Columns;
        var sql = new SqlText($"SELECT {columns} FROM {tables.Events} e WHERE e.position ");
        sql.Append($"{(query.IsBackwards ? "<=" : ">=")} {sql.Parameter(query.From)}");
        FilterSql.Add(sql, query.Filter, tables);
        sql.Append($" ORDER BY e.position{(query.IsBackwards ? " DESC" : "")} LIMIT {sql.Parameter(query.Limit + 1L)}");
        return sql;
    }

    /// <summary>
    /// Finds the first match with the indexes of types and tags, whatever frequency the planner expects. Usually no
    /// event matches, and a scan would have to read the whole log to find that out.
    /// </summary>
    private SqlText FirstMatch(EventFilter filter, long after)
    {
        if (filter.Tags.Count > 0)
        {
            var tagged = new SqlText(
                $"SELECT min(f.position) FROM (SELECT e.position FROM {tables.Events} e WHERE true");
            FilterSql.Add(tagged, filter, tables);
            return tagged.Append($" AND e.position > {tagged.Parameter(after)} OFFSET 0) f");
        }
        var sql = new SqlText("SELECT min(f.position) FROM unnest(");
        sql.Append(
            $"{sql.Parameter(filter.Types.ToArray())}) AS t (type) CROSS JOIN LATERAL (SELECT e.position FROM "
                + $"{tables.Events} e "
        );
        sql.Append($"WHERE e.type = t.type AND e.position > {sql.Parameter(after)}");
        FilterSql.Add(sql, filter, tables, withTypes: false);
        return sql.Append(" ORDER BY e.position LIMIT 1) f");
    }
}
