using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>
/// Reads streams, single events and removal records. Each call runs in the transaction of its caller.
/// </summary>
internal sealed class StreamQueries(LogQueries queries, StreamTable streams)
{
    private const string ReadForwards =
        "SELECT "
        + EventColumns.Whole
        + " FROM events e WHERE e.stream = ?1 AND e.version BETWEEN ?2 AND ?3 ORDER BY e.version";
    private const string ReadBackwards = ReadForwards + " DESC";
    private const string FindById =
        "SELECT " + EventColumns.Whole + " FROM events e WHERE e.id = ?1 ORDER BY e.position LIMIT 1";

    /// <summary>
    /// Forces the index of ids, in which an id has few entries. SQLite could choose the index of streams, in which a
    /// long stream has many entries.
    /// </summary>
    internal const string FindByIdInStream = "SELECT " + EventColumns.Whole
        + " FROM events e INDEXED BY events_by_id WHERE e.id = ?1 AND e.stream = ?2 ORDER BY e.version LIMIT 1";

    private const string ListByName = """
        SELECT id, name, first_version, state, (SELECT max(version) FROM events WHERE stream = streams.id)
        FROM streams WHERE name > ?1 AND name >= ?2 ORDER BY name LIMIT ?3
        """;
    private const string ListByPrefix = """
        SELECT id, name, first_version, state, (SELECT max(version) FROM events WHERE stream = streams.id)
        FROM streams WHERE name > ?1 AND name >= ?2 AND name < ?3 ORDER BY name LIMIT ?4
        """;
    private const string ListRemovals = """
        SELECT stream, kind, from_version, to_version, events, reason, by, at FROM removals WHERE ?1 = 0 OR stream = ?1 ORDER BY id
        """;
    private const string PageOfRemovals = """
        SELECT stream, kind, from_version, to_version, events, reason, by, at, id FROM removals WHERE id > ?1 ORDER BY id LIMIT ?2
        """;
    private const string LastRemoval = "SELECT coalesce(max(id), 0) FROM removals";

    /// <summary>Returns the statement that reads a page of a stream.</summary>
    public static string PageSql(bool isBackwards) => isBackwards ? ReadBackwards : ReadForwards;

    public EventPage Read(Connection connection, StreamPageQuery query)
    {
        var row = StreamTable.Find(connection, query.Stream);
        var (version, first, state) = row.Head;
        var low = query.IsBackwards ? first : Math.Max(first, query.From);
        var high = query.IsBackwards ? Math.Min(version, query.From) : version;
        var end = query.IsBackwards ? 0 : Math.Max(query.From, version + 1);
        if (row.Number == 0 || state != StreamState.Open || low > high)
            return new EventPage([], end, IsEnd: true);
        streams.CacheName(row.Number, query.Stream);
        var statement = connection
            .Get(query.IsBackwards ? ReadBackwards : ReadForwards)
            .Bind(1, row.Number)
            .Bind(2, low)
            .Bind(3, high);
        var events = queries.ReadAll(
            connection, statement, query.Limit, expected: high - low + 1, query.IsFolded ? query.Stream : null);
        var last = events.Count == 0 ? 0 : events[^1].Version;
        var isEnd = events.Count == 0 || last == (query.IsBackwards ? low : high);
        return new EventPage(events, isEnd ? end : last + (query.IsBackwards ? -1 : 1), isEnd);
    }

    public RecordedEvent? Find(Connection connection, Guid id) =>
        queries.ReadOne(connection, connection.Get(FindById).Bind(1, id));

    public RecordedEvent? Find(Connection connection, StreamId stream, Guid id)
    {
        var number = StreamTable.Find(connection, stream).Number;
        return number == 0
            ? null
            : queries.ReadOne(connection, connection.Get(FindByIdInStream).Bind(1, id).Bind(2, number));
    }

    public static List<StreamInfo> List(Connection connection, string prefix, string? after, int limit)
    {
        var statement = connection.Get(prefix.Length == 0 ? ListByName : ListByPrefix).Bind(1, after ?? "");
        if (prefix.Length == 0)
            statement.Bind(2, "").Bind(3, limit);
        else
            TextRange.Bind(statement, prefix, 2).Bind(4, limit);
        var found = new List<StreamInfo>();
        while (statement.Step())
        {
            found.Add(
                new StreamInfo(
                    new StreamId(statement.GetText(1)),
                    statement.GetInt64(4),
                    statement.GetInt64(2),
                    (StreamState)statement.GetInt64(3)));
        }
        statement.Reset();
        return found;
    }

    public List<RemovalRecord> Removals(Connection connection, StreamId? stream)
    {
        var number = stream is { } one ? StreamTable.Find(connection, one).Number : 0;
        var records = new List<RemovalRecord>();
        if (stream is not null && number == 0)
            return records;
        var statement = connection.Get(ListRemovals).Bind(1, number);
        while (statement.Step())
            records.Add(ReadRemoval(connection, statement));
        statement.Reset();
        return records;
    }

    public RemovalPage Removals(Connection connection, long after, int limit)
    {
        var page = new List<NumberedRemoval>();
        var statement = connection.Get(PageOfRemovals).Bind(1, after).Bind(2, limit);
        while (statement.Step())
            page.Add(new NumberedRemoval(statement.GetInt64(8), ReadRemoval(connection, statement)));
        statement.Reset();
        if (page.Count > 0)
            return new RemovalPage(page, page[^1].Number);
        var row = connection.Get(LastRemoval);
        row.Step();
        var last = row.GetInt64(0);
        row.Reset();
        return new RemovalPage(page, Math.Min(after, last));
    }

    private RemovalRecord ReadRemoval(Connection connection, Statement statement) => new(
        streams.Get(connection, statement.GetInt64(0)),
        (RemovalKind)statement.GetInt64(1),
        statement.GetInt64(2),
        statement.GetInt64(3),
        statement.GetInt64(4),
        statement.GetText(5),
        statement.FindText(6),
        StoredTime.FromMicroseconds(statement.GetInt64(7)));
}
