using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Names;

/// <summary>A stream's row in the store.</summary>
/// <param name="Number">The number of the stream; 0 if it was never stored.</param>
/// <param name="Head">The stream's head.</param>
internal readonly record struct StreamRow(long Number, StreamHead Head);

/// <summary>Maps streams to numbers and names. Thread-safe.</summary>
internal sealed class StreamTable
{
    private const int MaxCached = 65_536;
    private const int ReadTogether = 16;
    private const string FindStream = """
        SELECT id, first_version, state, (SELECT max(version) FROM events WHERE stream = streams.id) FROM streams WHERE name = ?1
        """;
    private const string ListTexts = "SELECT id, name FROM streams WHERE id >= ?1 ORDER BY id LIMIT ?2";
    private const string AddStream = "INSERT INTO streams (name) VALUES (?1) RETURNING id";
    private const string ChangeStream = "UPDATE streams SET first_version = ?2, state = ?3 WHERE id = ?1";

    private readonly NumberCache<StreamId> _names = new(MaxCached);

    /// <summary>Returns a stream as seen by the connection's transaction.</summary>
    public static StreamRow Find(Connection connection, StreamId stream)
    {
        var statement = connection.Get(FindStream).Bind(1, stream.Value);
        var row = statement.Step()
            ? new StreamRow(
                statement.GetInt64(0),
                new StreamHead(statement.GetInt64(3), statement.GetInt64(1), (StreamState)statement.GetInt64(2)))
            : new StreamRow(0, StreamHead.None);
        statement.Reset();
        return row;
    }

    /// <summary>Stores a new stream, and returns its number.</summary>
    public static long Add(Connection connection, StreamId stream) =>
        connection.Get(AddStream).Bind(1, stream.Value).Scalar();

    /// <summary>Stores a stream's first readable version and its state.</summary>
    public static void Change(Connection connection, long number, long firstVersion, StreamState state) =>
        connection.Get(ChangeStream).Bind(1, number).Bind(2, firstVersion).Bind(3, (int)state).Run();

    /// <summary>Returns the name of a committed stream. Not for transactions that have added streams.</summary>
    public StreamId Get(Connection connection, long number) =>
        _names.TryGet(number, out var stream) ? stream : Load(connection, number);

    /// <summary>Caches the name of a committed stream that its reader already knows.</summary>
    public void CacheName(long number, StreamId stream)
    {
        if (!_names.TryGet(number, out _))
            _names.Add(number, stream);
    }

    /// <summary>
    /// Reads a name. Streams are numbered in the order in which they first occur in the log. A caller that requests a
    /// number after known ones is usually reading the log, and will request the following ones too, so that one
    /// statement loads several.
    /// </summary>
    private StreamId Load(Connection connection, long number)
    {
        var found = default(StreamId);
        var statement = connection
            .Get(ListTexts)
            .Bind(1, number)
            .Bind(2, _names.TryGet(number - 1, out _) ? ReadTogether : 1);
        while (statement.Step())
        {
            if (!StreamId.TryParse(statement.GetText(1), out var stream))
                continue;
            CacheName(statement.GetInt64(0), stream);
            if (statement.GetInt64(0) == number)
                found = stream;
        }
        statement.Reset();
        return found != default ? found : throw connection.Damaged($"no stream for number {number}");
    }
}
