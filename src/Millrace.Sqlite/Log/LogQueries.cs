using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>Reads the events that match a filter. Each call runs in the transaction of its caller.</summary>
internal sealed class LogQueries(NameTable names, StreamTable streams)
{
    /// <summary>
    /// The maximum number of non-matching events to skip for one page. The page then ends, and the next one continues
    /// after them.
    /// </summary>
    private const int MaxSkippedEvents = 10_000;
    private const int MaxReserved = 1_024;
    private const long MaxPageBytes = 32L * 1024 * 1024; // A page ends at this size, even before the query's limit.
    private const string FindLast = "SELECT max(position) FROM events";

    private readonly EventColumns _columns = new(names, streams);

    public static long LastPosition(Connection connection) => connection.Get(FindLast).Scalar();

    /// <summary>Returns the position of the first matching event after a position; 0 if there is none.</summary>
    public long FindFirst(Connection connection, EventFilter filter, long after, long last)
    {
        var stored = new StoredFilter(connection, filter, names, streams);
        var range = LogRange.Of(connection, filter, new LogRange(after + 1, last, IsBackwards: false));
        if (stored.MatchesNothing || range.IsEmpty)
            return 0;
        var plan = LogPlanner.Choose(connection, stored, range, limit: 1);
        using var cursor = new LogCursor(connection, plan, range.Low, range.High, isBackwards: false, isWhole: false);
        while (cursor.Next())
        {
            if (stored.Matches(connection, cursor.Row))
                return cursor.Row.GetInt64(EventColumns.Position);
        }
        return 0;
    }

    public EventPage Read(Connection connection, LogPageQuery query)
    {
        var last = LastPosition(connection);
        var range = query.IsBackwards
            ? new LogRange(1, Math.Min(query.From, last), IsBackwards: true)
            : new LogRange(Math.Max(query.From, 1), last, IsBackwards: false);
        var end = query.IsBackwards ? 0 : Math.Max(query.From, last + 1);
        if (range.IsEmpty)
            return new EventPage([], end, IsEnd: true);
        var stored = new StoredFilter(connection, query.Filter, names, streams);
        range = LogRange.Of(connection, query.Filter, range);
        if (stored.MatchesNothing || range.IsEmpty)
            return new EventPage([], end, IsEnd: true);
        var plan = LogPlanner.Choose(connection, stored, range, query.Limit);
        using var cursor = new LogCursor(connection, plan, range.Low, range.High, range.IsBackwards, isWhole: true);
        return ReadPage(connection, query, stored, cursor, NewList(query.Limit, range.High - range.Low + 1), end);
    }

    /// <summary>Reads a page like <see cref="Read"/>, and counts the events that are read to find it.</summary>
    public LogMeasurement Measure(Connection connection, LogPageQuery query)
    {
        var last = LastPosition(connection);
        var range = query.IsBackwards
            ? new LogRange(1, Math.Min(query.From, last), IsBackwards: true)
            : new LogRange(Math.Max(query.From, 1), last, IsBackwards: false);
        var stored = new StoredFilter(connection, query.Filter, names, streams);
        range = LogRange.Of(connection, query.Filter, range);
        if (stored.MatchesNothing || range.IsEmpty)
            return new LogMeasurement(null, HasIndex: true, Rows: 0, ReadRows: 0);
        var plan = LogPlanner.Choose(connection, stored, range, query.Limit);
        using var cursor = new LogCursor(connection, plan, range.Low, range.High, range.IsBackwards, isWhole: true);
        var (rows, readRows) = (0L, 0L);
        while (rows < query.Limit && cursor.Next())
        {
            readRows++;
            if (!query.Filter.IsAll && !stored.Matches(connection, cursor.Row))
                continue;
            _columns.Read(connection, cursor.Row);
            rows++;
        }
        return new LogMeasurement(plan, LogPlanner.HasIndex(connection, stored), rows, readRows);
    }

    public long Count(Connection connection, EventFilter filter)
    {
        var range = LogRange.Of(connection, filter, new LogRange(1, LastPosition(connection), IsBackwards: false));
        var stored = new StoredFilter(connection, filter, names, streams);
        if (stored.MatchesNothing || range.IsEmpty)
            return 0;
        if (filter.IsAll)
            return LogCounts.All(connection);
        if (filter.StreamPrefix is { Length: > 0 } prefix
            && !char.IsHighSurrogate(prefix[^1])
            && filter == EventFilter.InStreams(prefix))
            return LogCounts.InStreams(connection, prefix);
        var plan = LogPlanner.Choose(connection, stored, range, limit: 1);
        if (IsExact(plan, filter))
            return CountRows(connection, plan, range);
        using var cursor = new LogCursor(connection, plan, range.Low, range.High, false, isWhole: false);
        var count = 0L;
        while (cursor.Next())
            count += stored.Matches(connection, cursor.Row) ? 1 : 0;
        return count;
    }

    /// <summary>Reads the event that a statement selects; null if there is none.</summary>
    public RecordedEvent? ReadOne(Connection connection, Statement bound)
    {
        var found = bound.Step() ? _columns.Read(connection, bound) : null;
        bound.Reset();
        return found;
    }

    /// <summary>Reads the events of a statement over <see cref="EventColumns.Whole"/>, up to a limit.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="bound">The statement with its parameters.</param>
    /// <param name="limit">The maximum number of events.</param>
    /// <param name="expected">The maximum number of events that exist. It limits the initial capacity of the
    /// list.</param>
    /// <param name="folded">The stream of all rows, if the caller only folds the events; otherwise null.</param>
    public List<RecordedEvent> ReadAll(
        Connection connection, Statement bound, int limit, long expected, StreamId? folded = null)
    {
        var events = NewList(limit, expected);
        for (var bytes = 0L; events.Count < limit && bytes < MaxPageBytes && bound.Step(); bytes += SizeOf(events[^1]))
            events.Add(
                folded is { } stream ? _columns.ReadFolded(connection, bound, stream) : _columns.Read(connection, bound)
            );
        bound.Reset();
        return events;
    }

    private static List<RecordedEvent> NewList(int limit, long expected) =>
        new((int)Math.Min(Math.Min(limit, MaxReserved), expected));

    private EventPage ReadPage(
        Connection connection,
        LogPageQuery query,
        StoredFilter stored,
        LogCursor cursor,
        List<RecordedEvent> events,
        long end)
    {
        var matchesAll = query.Filter.IsAll;
        var skipped = 0;
        var bytes = 0L;
        while (cursor.Next())
        {
            var position = cursor.Row.GetInt64(EventColumns.Position);
            if (!matchesAll && !stored.Matches(connection, cursor.Row))
            {
                if (++skipped >= MaxSkippedEvents)
                    return new EventPage(events, query.IsBackwards ? position - 1 : position + 1, IsEnd: false);
            }
            else if (events.Count == query.Limit || bytes >= MaxPageBytes)
            {
                return new EventPage(events, position, IsEnd: false);
            }
            else
            {
                events.Add(_columns.Read(connection, cursor.Row));
                bytes += SizeOf(events[^1]);
            }
        }
        return new EventPage(events, end, IsEnd: true);
    }

    private static long SizeOf(RecordedEvent recorded) => recorded.Payload.Length + recorded.MetadataBytes.Length;

    /// <summary>
    /// Returns true when the plan's keys cover the whole filter, so that rows do not need to be checked.
    /// </summary>
    private static bool IsExact(LogPlan plan, EventFilter filter)
    {
        var restrictions =
            (filter.Types.Count > 0 ? 1 : 0)
            + filter.Tags.Count
            + (string.IsNullOrEmpty(filter.StreamPrefix) ? 0 : 1)
            + (filter.Source is null ? 0 : 1)
            + (filter.CorrelationId is null ? 0 : 1);
        return restrictions == (plan.Source == LogSource.Log ? 0 : 1);
    }

    private static long CountRows(Connection connection, LogPlan plan, LogRange range)
    {
        var count = 0L;
        for (var i = 0; i < (plan.Source == LogSource.Log ? 1 : plan.Keys.Count); i++)
        {
            var statement = connection.Get(LogSourceSql.Count(plan.Source)).Bind(1, range.Low).Bind(2, range.High);
            if (plan.Source != LogSource.Log)
                plan.Keys[i].Bind(statement, 3);
            count += statement.Scalar();
        }
        return count;
    }
}
