namespace Millrace.Sqlite;

/// <summary>The heads of streams written lately, so that the writer need not look each up. Used under the write lock
/// alone.</summary>
/// <remarks>
/// They hold as long as no other connection has written, which SQLite tells by the file's data version, and no
/// transaction was rolled back. If one were wrong all the same, the unique index on (stream, version) would refuse the
/// append.
/// </remarks>
internal sealed class StreamHeadCache
{
    private const int MaxCached = 20_000;
    private const string DataVersion = "PRAGMA data_version";

    private readonly Dictionary<StreamId, StreamRow> _rows = [];
    private long _dataVersion;

    /// <summary>Begins a transaction: what others may have changed is forgotten. False when others have
    /// written.</summary>
    public bool Begin(Connection connection)
    {
        var version = connection.Get(DataVersion).Scalar();
        var isAlone = version == _dataVersion;
        if (!isAlone || _rows.Count > MaxCached)
            _rows.Clear();
        _dataVersion = version;
        return isAlone;
    }

    /// <summary>A stream as it stands in the transaction.</summary>
    public StreamRow Get(Connection connection, StreamId stream)
    {
        if (!_rows.TryGetValue(stream, out var row))
            _rows.Add(stream, row = StreamTable.Find(connection, stream));
        return row;
    }

    /// <summary>Notes how a stream stands after a write.</summary>
    public void Note(StreamId stream, StreamRow row) => _rows[stream] = row;

    /// <summary>Forgets all, because what was noted was not committed.</summary>
    public void Clear() => _rows.Clear();
}
