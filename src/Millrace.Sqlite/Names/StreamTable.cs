namespace Millrace.Sqlite;

/// <summary>A stream as the store keeps it.</summary>
/// <param name="Number">Its number; 0 when it was never stored.</param>
/// <param name="Head">Its state.</param>
internal readonly record struct StreamRow(long Number, StreamHead Head);

/// <summary>The streams and their names. Safe to use from several threads.</summary>
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

    /// <summary>A stream as it stands in the connection's transaction.</summary>
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

    /// <summary>Stores a new stream and returns its number.</summary>
    public static long Add(Connection connection, StreamId stream) =>
        connection.Get(AddStream).Bind(1, stream.Value).Scalar();

    /// <summary>Stores from which version a stream can be read, and whether it can be.</summary>
    public static void Change(Connection connection, long number, long firstVersion, StreamState state) =>
        connection.Get(ChangeStream).Bind(1, number).Bind(2, firstVersion).Bind(3, (int)state).Run();

    /// <summary>The name of a stream that is committed. Not called in a transaction that has added streams.</summary>
    public StreamId Get(Connection connection, long number) =>
        _names.TryGet(number, out var stream) ? stream : Load(connection, number);

    /// <summary>Remembers the name of a stream that is committed, which its reader knows already.</summary>
    public void Remember(long number, StreamId stream)
    {
        if (!_names.TryGet(number, out _))
            _names.Remember(number, stream);
    }

    /// <summary>
    /// Reads a name. Streams are numbered in the order in which the log begins them, so who asks for one behind a known
    /// one is going through the log and will ask for those behind it as well: they come in the same statement.
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
            Remember(statement.GetInt64(0), stream);
            if (statement.GetInt64(0) == number)
                found = stream;
        }
        statement.Reset();
        return found != default ? found : throw connection.Damaged($"no stream of number {number}");
    }
}
