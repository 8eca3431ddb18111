using Millrace.Sqlite.DeadLettering;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>
/// The facts that a decision needs, looked up on demand under the write lock. Caches the streams for the writes that
/// follow.
/// </summary>
internal sealed class CommitFacts : ICommitFacts
{
    private const string FindEnd = "SELECT position, timestamp FROM events ORDER BY position DESC LIMIT 1";
    private const string FindIdAtVersion = "SELECT id FROM events WHERE stream = ?1 AND version = ?2";
    private const string FindPositionAtVersion = "SELECT position FROM events WHERE stream = ?1 AND version = ?2";

    /// <summary>Uses the index of ids, which has few matches, and not that of the stream, which may be long.</summary>
    internal const string FindVersionOfId =
        "SELECT version FROM events INDEXED BY events_by_id WHERE id = ?1 AND stream = ?2 ORDER BY version LIMIT 1";

    private readonly Connection _connection;
    private readonly LogQueries _queries;
    private readonly AuxiliaryTables _auxiliaryTables;
    private readonly DocumentWriter _documents;
    private readonly StreamHeadCache _streams;

    public CommitFacts(
        Connection connection,
        StreamHeadCache streams,
        LogQueries queries,
        AuxiliaryTables auxiliary,
        DocumentWriter documents)
    {
        _connection = connection;
        _streams = streams;
        _queries = queries;
        _auxiliaryTables = auxiliary;
        _documents = documents;
        var statement = connection.Get(FindEnd);
        LastTimestamp = DateTimeOffset.MinValue;
        if (statement.Step())
        {
            LastPosition = statement.GetInt64(0);
            LastTimestamp = StoredTime.FromMicroseconds(statement.GetInt64(1));
        }
        statement.Reset();
    }

    /// <summary>True to look up handled ids. If false, no id counts as handled until it is written.</summary>
    public bool LooksUpHandled { get; init; } = true;

    /// <summary>Gets whether a lookup has found a handled id.</summary>
    public bool HasFoundHandled { get; private set; }

    public long LastPosition { get; }

    public long LastDocumentVersion => _documents.LastVersion(_connection);

    public DateTimeOffset LastTimestamp { get; }

    /// <summary>Returns the stream's row from the start of the batch, or from the last <see cref="Update"/>.</summary>
    public StreamRow GetRow(StreamId stream) => _streams.Get(_connection, stream);

    /// <summary>Updates the cached row of a stream after a write.</summary>
    public void Update(StreamId stream, StreamRow row) => _streams.Update(stream, row);

    public StreamHead GetStream(StreamId stream) => GetRow(stream).Head;

    public Guid? FindEventId(StreamId stream, long version)
    {
        var statement = _connection.Get(FindIdAtVersion).Bind(1, GetRow(stream).Number).Bind(2, version);
        Guid? id = statement.Step() ? statement.GetGuid(0) : null;
        statement.Reset();
        return id;
    }

    public long FindVersion(StreamId stream, Guid eventId)
    {
        var row = GetRow(stream);
        return row.Number == 0 ? 0 : _connection.Get(FindVersionOfId).Bind(1, eventId).Bind(2, row.Number).Scalar();
    }

    public long GetPosition(StreamId stream, long version) =>
        _connection.Get(FindPositionAtVersion).Bind(1, GetRow(stream).Number).Bind(2, version).Scalar();

    public long FindFirstMatch(EventFilter filter, long after) =>
        _queries.FindFirst(_connection, filter, after, LastPosition);

    public string? FindClaim(string scope, string value) => _auxiliaryTables.FindClaim(_connection, scope, value);

    public HandledAnswer? FindHandled(string scope, string id, DateTimeOffset now)
    {
        if (!LooksUpHandled)
            return null;
        var answer = _auxiliaryTables.FindHandled(_connection, scope, id, now);
        HasFoundHandled |= answer is not null;
        return answer;
    }

    public long GetDocumentVersion(string collection, string key) =>
        _documents.GetVersion(_connection, collection, key);

    public DeadLetterFact GetDeadLetter(string consumer, int partition, long position, string key) =>
        DeadLetterTable.GetFact(_connection, consumer, partition, position, key);

    public CheckpointFact GetCheckpoint(string consumer, int partition) =>
        AuxiliaryTables.GetCheckpoint(_connection, consumer, partition);
}
