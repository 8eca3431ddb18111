using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;

namespace Millrace.Sqlite.Log;

/// <summary>
/// Caches the heads of recently written streams, which saves the writer lookups. Used only under the write lock.
/// </summary>
/// <remarks>
/// The entries are valid as long as no other connection has written, which SQLite shows by the file's data version, and
/// no transaction was rolled back. If an entry were wrong nevertheless, the unique index on (stream, version) would
/// refuse the append.
/// </remarks>
internal sealed class StreamHeadCache
{
    private const int MaxCached = 20_000;
    private const string DataVersion = "PRAGMA data_version";

    private readonly Dictionary<StreamId, StreamRow> _rows = [];
    private long _dataVersion;

    /// <summary>Starts a transaction. Clears the cache and returns false if another connection has written.</summary>
    public bool StartTransaction(Connection connection)
    {
        var version = connection.Get(DataVersion).Scalar();
        var isAlone = version == _dataVersion;
        if (!isAlone || _rows.Count > MaxCached)
            _rows.Clear();
        _dataVersion = version;
        return isAlone;
    }

    /// <summary>Returns a stream as seen by the transaction.</summary>
    public StreamRow Get(Connection connection, StreamId stream)
    {
        if (!_rows.TryGetValue(stream, out var row))
            _rows.Add(stream, row = StreamTable.Find(connection, stream));
        return row;
    }

    /// <summary>Updates a stream after a write.</summary>
    public void Update(StreamId stream, StreamRow row) => _rows[stream] = row;

    /// <summary>Clears the cache, because its entries were not committed.</summary>
    public void Clear() => _rows.Clear();
}
