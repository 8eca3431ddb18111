using System.Collections.Concurrent;

namespace Millrace.Sqlite;

/// <summary>A stream as the store keeps it.</summary>
/// <param name="Number">Its number; 0 when it was never stored.</param>
/// <param name="Head">Its state.</param>
internal readonly record struct StreamRow(long Number, StreamHead Head);

/// <summary>The streams and their names. Safe to use from several threads.</summary>
internal sealed class StreamTable
{
    private const int MostRemembered = 50_000;
    private const string FindStream = """
        SELECT id, first_version, state, (SELECT max(version) FROM events WHERE stream = streams.id) FROM streams WHERE name = ?1
        """;
    private const string FindText = "SELECT name FROM streams WHERE id = ?1";
    private const string AddStream = "INSERT INTO streams (name) VALUES (?1) RETURNING id";
    private const string ChangeStream = "UPDATE streams SET first_version = ?2, state = ?3 WHERE id = ?1";

    private readonly ConcurrentDictionary<long, StreamId> _names = new();

    /// <summary>A stream as it stands in the connection's transaction.</summary>
    public static StreamRow Find(Connection connection, StreamId stream)
    {
        var statement = connection.Get(FindStream).Bind(1, stream.Value);
        var row = statement.Step()
            ? new StreamRow(
                statement.GetInt64(0), new StreamHead(statement.GetInt64(3), statement.GetInt64(1), (StreamState)statement.GetInt64(2)))
            : new StreamRow(0, StreamHead.None);
        statement.Reset();
        return row;
    }

    /// <summary>Stores a new stream and returns its number.</summary>
    public static long Add(Connection connection, StreamId stream) => connection.Get(AddStream).Bind(1, stream.Value).Scalar();

    /// <summary>Stores from which version a stream can be read, and whether it can be.</summary>
    public static void Change(Connection connection, long number, long firstVersion, StreamState state) =>
        connection.Get(ChangeStream).Bind(1, number).Bind(2, firstVersion).Bind(3, (int)state).Run();

    /// <summary>The name of a stream that is committed.</summary>
    public StreamId Get(Connection connection, long number)
    {
        if (_names.TryGetValue(number, out var stream))
            return stream;
        var statement = connection.Get(FindText).Bind(1, number);
        var isThere = statement.Step() && StreamId.TryParse(statement.GetText(0), out stream);
        statement.Reset();
        if (!isThere)
            throw connection.Damaged($"no stream of number {number}");
        if (_names.Count >= MostRemembered)
            _names.Clear();
        _names[number] = stream;
        return stream;
    }
}
