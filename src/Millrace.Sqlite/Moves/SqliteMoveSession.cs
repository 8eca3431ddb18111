using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Sqlite.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Moves;

/// <summary>A transaction of the mover on an SQLite file, on its own connection.</summary>
internal sealed class SqliteMoveSession : IMoveSession
{
    private const long MaxPageBytes = 16L * 1024 * 1024;
    private const int Checksum = 15; // Follows the columns of the whole event.
    private const string FindHeader = """
        SELECT store_id, epoch, created_at, created_by, document_version, (SELECT coalesce(max(position), 0) FROM events),
            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'dead_letters'), 0) FROM header
        """;
    private const string PutHeader = """
        UPDATE header SET store_id = ?1, epoch = ?2, created_at = ?3, created_by = ?4, document_version = max(document_version, ?5)
        """;
    private const string AddSequence = """
        INSERT INTO sqlite_sequence (name, seq) SELECT 'dead_letters', ?1
        WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'dead_letters')
        """;
    private const string PutSequence = "UPDATE sqlite_sequence SET seq = max(seq, ?1) WHERE name = 'dead_letters'";
    private const string SelectEvents =
        $"SELECT {EventColumns.Whole}, e.checksum FROM events e WHERE e.position >= ?1 AND e.position <= ?2 ORDER BY "
            + "e.position LIMIT ?3";
    private const string SelectTags = "SELECT tags FROM events WHERE position = ?1";
    private const string DeleteTag = "DELETE FROM event_tags WHERE tag = ?1 AND position = ?2";
    private const string DeleteEvent = "DELETE FROM events WHERE position = ?1";
    private const string SelectNotes = "SELECT id, tbl, a, b FROM move_notes WHERE id > ?1 ORDER BY id LIMIT ?2";
    private const string PutRole = "INSERT OR REPLACE INTO move (id, role, other, passing) VALUES (1, ?1, ?2, ?3)";

    private readonly Connection _connection;
    private readonly MoveSessionKind _kind;
    private readonly Action<Connection>? _committed;
    private readonly Collections _collections = new();
    private readonly StreamTable _streams = new();
    private readonly EventColumns _columns;
    private readonly EventRowWriter _events;
    private readonly MovedRows _rows;

    /// <param name="connection">A connection in a transaction. The session owns it from now on.</param>
    /// <param name="kind">The purpose of the session.</param>
    /// <param name="committed">Called after a commit; may be null.</param>
    public SqliteMoveSession(Connection connection, MoveSessionKind kind, Action<Connection>? committed)
    {
        _connection = connection;
        _kind = kind;
        _committed = committed;
        var names = new NameTable(); // A separate cache: names that are rolled back must not stay in it.
        (_columns, _events) = (new EventColumns(names, _streams), new EventRowWriter(names));
        _rows = new MovedRows(connection, names, _streams, _collections);
    }

    public ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken) => new(ReadHeader(_connection));

    public static MoveHeader ReadHeader(Connection connection)
    {
        var row = connection.Get(FindHeader);
        if (!row.Step())
            throw connection.Damaged("no header");
        var header = new MoveHeader(
            row.GetGuid(0),
            row.GetInt64(1),
            row.GetInt64(2),
            row.GetText(3),
            row.GetInt64(5),
            row.GetInt64(4),
            row.GetInt64(6));
        row.Reset();
        return header;
    }

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken)
    {
        var events = new List<RecordedEvent>();
        var row = _connection.Get(SelectEvents).Bind(1, from).Bind(2, to).Bind(3, limit);
        for (var bytes = 0L; bytes < MaxPageBytes && row.Step(); bytes += events[^1].Payload.Length)
        {
            var read = _columns.Read(_connection, row);
            var sum = EventChecksum.Compute(
                row.GetInt64(EventColumns.Stream),
                read.Version,
                read.Position,
                StoredTime.ToMicroseconds(read.Timestamp),
                read.Id,
                read.Payload.Span,
                read.MetadataBytes.Span);
            if (sum != row.GetInt64(Checksum))
            {
                row.Reset();
                throw _connection.Damaged($"an event at position {read.Position} that was altered");
            }
            events.Add(read);
        }
        row.Reset();
        return new(events);
    }

    public ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken) => new(
        Collections.List(_connection).ConvertAll(collection => new MovedCollection(
            collection.Number, collection.Definition, MoveTriggers.IsNoted(_connection, collection))));

    public ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table,
        MovedRow? after,
        int limit,
        CancellationToken cancellationToken) => new(_rows.Read(table, after, limit));

    public ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        var found = new List<MovedRow>(keys.Count);
        foreach (var key in keys)
        {
            if (_rows.Find(table, key) is { } row)
                found.Add(row);
        }
        return new(found);
    }

    public ValueTask<IReadOnlyList<MoveNote>> ReadNotes(long after, int limit, CancellationToken cancellationToken)
    {
        var documents = Collections
            .List(_connection)
            .ToDictionary(
                collection => collection.Table,
                collection => MovedTables.OfDocuments(collection.Definition),
                StringComparer.Ordinal);
        var notes = new List<MoveNote>();
        var row = _connection.Get(SelectNotes).Bind(1, after).Bind(2, limit);
        while (row.Step())
        {
            var id = row.GetInt64(0);
            var name = row.GetText(1);
            var table = MovedTables.Find(name) ?? documents.GetValueOrDefault(name);
            var isEvent = name == "events";
            // Recorded changes of a dropped collection are not needed.
            if (table is not null || isEvent)
                notes.Add(
                    new MoveNote(id, table, isEvent ? new MovedRow([row.GetInt64(2)]) : _rows.KeyOf(table!, row, 2)));
            else
                notes.Add(new MoveNote(id, null, new MovedRow([])));
        }
        row.Reset();
        return new(notes);
    }

    public ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var moved in events)
        {
            var append = new StreamAppend(moved.Stream, ExpectedVersion.Any, [Encoded(moved)]);
            var placement = new AppendPlacement(moved.Version, moved.Version, moved.Position, moved.Position);
            _events.Write(_connection, _rows.NumberOf(moved.Stream.Value), append, placement, moved.Timestamp);
        }
        return default;
    }

    public ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken)
    {
        foreach (var position in positions)
        {
            var row = _connection.Get(SelectTags).Bind(1, position);
            var tags = row.Step() ? StoredTags.Split(_connection, row.GetBytes(0)) : [];
            row.Reset();
            foreach (var tag in tags)
                _connection.Get(DeleteTag).Bind(1, tag.ToString()).Bind(2, position).Run();
            _connection.Get(DeleteEvent).Bind(1, position).Run();
        }
        return default;
    }

    public ValueTask CreateCollection(CollectionDefinition collection, CancellationToken cancellationToken)
    {
        _collections.Ensure(_connection, collection);
        MoveTriggers.Install(_connection, _collections.Get(_connection, collection.Name));
        return default;
    }

    public ValueTask DropCollection(string collection, CancellationToken cancellationToken)
    {
        _collections.Drop(_connection, collection);
        return default;
    }

    public ValueTask Put(MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
            _rows.Put(table, row);
        return default;
    }

    public ValueTask Remove(MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        foreach (var key in keys)
            _rows.Remove(table, key);
        return default;
    }

    public ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken)
    {
        _connection
            .Get(PutHeader)
            .Bind(1, header.StoreId)
            .Bind(2, header.Epoch)
            .Bind(3, header.CreatedAt)
            .Bind(4, header.CreatedBy)
            .Bind(5, header.DocumentVersion)
            .Run();
        _connection.Get(AddSequence).Bind(1, header.LastDeadLetter).Run();
        _connection.Get(PutSequence).Bind(1, header.LastDeadLetter).Run();
        return default;
    }

    public ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken)
    {
        // The mover's own writes pass until it commits.
        var passing = _kind == MoveSessionKind.Write ? 1 : 0;
        _connection.Get(PutRole).Bind(1, MoveTriggers.NameOf(role)).Bind(2, other).Bind(3, passing).Run();
        return default;
    }

    public ValueTask Commit(CancellationToken cancellationToken)
    {
        if (_kind == MoveSessionKind.Write)
            _connection.Get("UPDATE move SET passing = 0").Run();
        _connection.Get("COMMIT").Run();
        _committed?.Invoke(_connection);
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _connection.Rollback();
        _connection.Dispose();
        return default;
    }

    private static EncodedEvent Encoded(RecordedEvent moved) => new()
    {
        Id = moved.Id,
        Type = moved.Type,
        SchemaVersion = moved.SchemaVersion,
        ContentType = moved.ContentType,
        Payload = moved.Payload,
        MetadataBytes = moved.MetadataBytes,
        Source = moved.Source,
        EncryptionKeyId = moved.EncryptionKeyId,
        CorrelationId = moved.CorrelationId,
        CausationId = moved.CausationId,
        Tags = [.. moved.Tags],
    };
}
