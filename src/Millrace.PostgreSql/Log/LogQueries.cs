using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Reads the log by filter.</summary>
internal sealed class LogQueries(Tables tables)
{
    private const int MostReserved = 1_024;
    private const long MostPageBytes = 32L * 1024 * 1024; // Beyond it a page ends, whatever its limit.

    private readonly string _findLast = $"SELECT coalesce(max(position), 0) FROM {tables.Events}";
    private readonly string _countAll = $"""
        SELECT coalesce(max(position), 0) - (SELECT coalesce(sum(events), 0) FROM {tables.Removals})::bigint FROM {tables.Events}
        """;

    /// <summary>Asks for the first position at which an event matches that a condition excludes; none answers when there is none.</summary>
    public void AskFirst(FactQuestions questions, AppendCondition condition)
    {
        var sql = FirstMatch(condition.Filter, condition.After);
        sql.AddTo(questions.Add(sql.ToString(), static (row, facts, about) =>
        {
            var asked = (AppendCondition)about!; // Given.
            if (!row.IsDBNull(0))
                facts.AddMatch(asked.Filter, asked.After, row.GetInt64(0));
        }, condition));
    }

    public async ValueTask<EventPage> Read(NpgsqlConnection connection, LogPageQuery query, CancellationToken cancellationToken)
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
        var last = 0L; // Read before the events, so that all up to it have been looked at.
        if (readsLast)
        {
            await row.ReadAsync(cancellationToken).ConfigureAwait(false);
            last = row.GetInt64(0);
            await row.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }
        var (events, next) = await ReadRows(row, query.Limit, stream: null, cancellationToken).ConfigureAwait(false);
        if (next is { } beyond)
        {
            if (events.Count < query.Limit)
                batch.Cancel(); // The rest of the rows is not wanted.
            return new EventPage(events, beyond, IsEnd: false);
        }
        var end = query.IsBackwards ? 0 : Math.Max(query.From, Math.Max(last, events.Count == 0 ? 0 : events[^1].Position) + 1);
        return new EventPage(events, end, IsEnd: true);
    }

    public async ValueTask<long> Count(NpgsqlConnection connection, EventFilter filter, CancellationToken cancellationToken)
    {
        var sql = new SqlText(filter.IsAll ? _countAll : $"SELECT count(*) FROM {tables.Events} e WHERE true");
        if (!filter.IsAll)
            FilterSql.Add(sql, filter, tables);
        var command = sql.Command(connection);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(0L, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads rows of <see cref="EventRow.Columns"/> up to a limit, and where the first one beyond it stands.</summary>
    /// <param name="row">The reader.</param>
    /// <param name="limit">The most to read.</param>
    /// <param name="stream">The stream of all rows, where it is known: then they stand at versions, else at positions.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<(List<RecordedEvent> Events, long? Next)> ReadRows(
        NpgsqlDataReader row, int limit, StreamId? stream, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>(Math.Min(limit, MostReserved));
        var bytes = 0L;
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (events.Count == limit || bytes >= MostPageBytes)
                return (events, stream is null ? EventRow.ReadPosition(row) : EventRow.ReadVersion(row));
            var recorded = EventRow.Read(row, stream);
            bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
            events.Add(recorded);
        }
        return (events, null);
    }

    private SqlText Page(LogPageQuery query)
    {
        var columns = query.IsBrief ? EventRow.BriefColumns : EventRow.Columns;
        var sql = new SqlText($"SELECT {columns} FROM {tables.Events} e WHERE e.position ");
        sql.Append($"{(query.IsBackwards ? "<=" : ">=")} {sql.Parameter(query.From)}");
        FilterSql.Add(sql, query.Filter, tables);
        sql.Append($" ORDER BY e.position{(query.IsBackwards ? " DESC" : "")} LIMIT {sql.Parameter(query.Limit + 1L)}");
        return sql;
    }

    /// <summary>
    /// By the indexes of types and tags, whatever the planner thinks of their frequency: mostly there is no match, and going through the
    /// log would find that out at its end.
    /// </summary>
    private SqlText FirstMatch(EventFilter filter, long after)
    {
        if (filter.Tags.Count > 0)
        {
            var tagged = new SqlText($"SELECT min(f.position) FROM (SELECT e.position FROM {tables.Events} e WHERE true");
            FilterSql.Add(tagged, filter, tables);
            return tagged.Append($" AND e.position > {tagged.Parameter(after)} OFFSET 0) f");
        }
        var sql = new SqlText("SELECT min(f.position) FROM unnest(");
        sql.Append($"{sql.Parameter(filter.Types.ToArray())}) AS t (type) CROSS JOIN LATERAL (SELECT e.position FROM {tables.Events} e ");
        sql.Append($"WHERE e.type = t.type AND e.position > {sql.Parameter(after)}");
        FilterSql.Add(sql, filter, tables, withTypes: false);
        return sql.Append(" ORDER BY e.position LIMIT 1) f");
    }
}
