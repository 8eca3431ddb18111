using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Moves;

/// <summary>A transaction of the mover on a PostgreSQL database, on its own connection.</summary>
internal sealed class PostgreSqlMoveSession : IMoveSession
{
    private const long VersionsInBatch = 1 << 20;
    private const long MaxPageBytes = 16L * 1024 * 1024;
    private const int Checksum = EventRow.ColumnCount; // Follows the columns of the event.

    private readonly NpgsqlConnection _connection;
    private readonly MoveSessionKind _kind;
    private readonly Tables _tables;
    private readonly MoveTriggers _triggers;
    private readonly string _description;
    private readonly Collections _collections;
    private readonly MovedRows _rows;

    /// <param name="connection">A connection in a transaction. The session owns it from now on.</param>
    /// <param name="kind">The purpose of the session.</param>
    /// <param name="database">The database.</param>
    /// <param name="triggers">The triggers of the move.</param>
    public PostgreSqlMoveSession(
        NpgsqlConnection connection, MoveSessionKind kind, Database database, MoveTriggers triggers)
    {
        _connection = connection;
        _kind = kind;
        _tables = database.Tables;
        _triggers = triggers;
        _description = database.Description;
        _collections = new Collections(_tables);
        _rows = new MovedRows(connection, _tables, _collections);
    }

    public ValueTask<MoveHeader> GetHeader(CancellationToken cancellationToken) =>
        Do(() => ReadHeader(_connection, _tables, cancellationToken));

    public static async ValueTask<MoveHeader> ReadHeader(
        NpgsqlConnection connection, Tables tables, CancellationToken cancellationToken)
    {
        var command = connection.Command($"""
            SELECT h.store_id, h.epoch, h.created_at, h.created_by, (SELECT coalesce(max(position), 0) FROM {tables.Events}),
                (SELECT CASE WHEN is_called THEN last_value + 1 ELSE 0 END FROM {tables.DocumentVersions}),
                (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {tables.DeadLetters}_id_seq)
            FROM {tables.Header} h
            """);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new MoveHeader(
            row.GetGuid(0),
            row.GetInt64(1),
            MovedTime.ToMicroseconds(row.GetTime(2)),
            row.GetString(3),
            row.GetInt64(4),
            row.GetInt64(5) * VersionsInBatch,
            row.GetInt64(6));
    }

    public ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(
        long from, long to, int limit, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<RecordedEvent>>(async () =>
        {
            var command = _connection
                .Command(
                    $"SELECT {EventRow.Columns}, e.checksum FROM {_tables.Events} e WHERE e.position >= $1 AND "
                        + "e.position <= $2 "
                        + "ORDER BY e.position LIMIT $3")
                .With(from)
                .With(to)
                .With((long)limit);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            var events = new List<RecordedEvent>();
            var memory = new RowBuffer();
            var bytes = 0L;
            while (bytes < MaxPageBytes && await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var read = EventRow.Read(row, memory);
                if (EventChecksum.Compute(
                        read.Stream.Value,
                        read.Version,
                        read.Id,
                        read.Payload.Span,
                        read.MetadataBytes.Span) != row.GetInt32(Checksum))
                {
                    throw new StorageException(
                        $"{_description} holds an event at position {read.Position} that was altered. It is damaged: "
                            + "run "
                        + "'millrace verify' on it, and restore a backup.",
                        StorageProblem.Damaged);
                }
                events.Add(read);
                bytes += read.Payload.Length;
            }
            return events;
        });

    public ValueTask<IReadOnlyList<MovedCollection>> ListCollections(CancellationToken cancellationToken) =>
        Do<IReadOnlyList<MovedCollection>>(async () =>
        {
            var recordedTables = await ListRecordedTables(cancellationToken).ConfigureAwait(false);
            var collections = await _collections.List(_connection, cancellationToken).ConfigureAwait(false);
            return collections.ConvertAll(collection => new MovedCollection(
                collection.Number, collection.Definition, recordedTables.Contains(collection.Name)));
        });

    public ValueTask<IReadOnlyList<MovedRow>> ReadRows(
        MovedTable table,
        MovedRow? after,
        int limit,
        CancellationToken cancellationToken) =>
        Do<IReadOnlyList<MovedRow>>(async () =>
            await _rows.Read(table, after, limit, cancellationToken).ConfigureAwait(false));

    public ValueTask<IReadOnlyList<MovedRow>> FindRows(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<MovedRow>>(async () => await _rows.Find(table, keys, cancellationToken).ConfigureAwait(false));

    public ValueTask<IReadOnlyList<MoveNote>> ReadNotes(long after, int limit, CancellationToken cancellationToken) =>
        Do<IReadOnlyList<MoveNote>>(async () =>
        {
            var collections = await _collections.List(_connection, cancellationToken).ConfigureAwait(false);
            var documents = collections.ToDictionary(
                collection => collection.Name,
                collection => MovedTables.OfDocuments(collection.Definition),
                StringComparer.Ordinal);
            var command = _connection
                .Command($"SELECT id, tbl, a, b FROM {_triggers.Notes} WHERE id > $1 ORDER BY id LIMIT $2")
                .With(after)
                .With((long)limit);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            var notes = new List<MoveNote>();
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                notes.Add(ReadNote(row, documents));
            return notes;
        });

    public ValueTask AddEvents(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken) =>
        Do(() => EventImport.Run(_connection, _tables, events, cancellationToken));

    public ValueTask RemoveEvents(IReadOnlyCollection<long> positions, CancellationToken cancellationToken) =>
        positions.Count == 0
            ? default
            : Execute(
                _connection
                    .Command($"DELETE FROM {_tables.Events} WHERE position = ANY ($1)")
                    .With(positions.ToArray()),
                cancellationToken);

    public ValueTask CreateCollection(
        CollectionDefinition collection, CancellationToken cancellationToken) => Do(async () =>
    {
        await _collections.Ensure(_connection, collection, cancellationToken).ConfigureAwait(false);
        var created = await _collections.Get(_connection, collection.Name, cancellationToken).ConfigureAwait(false);
        // The application owns the schema of documents, and therefore its tables as well.
        await Execute(
            _connection.Command($"""
                {_triggers.TriggersOf(created)}
                DO $owner$ DECLARE owner text; BEGIN
                    SELECT pg_get_userbyid(nspowner) INTO owner FROM pg_namespace WHERE nspname = '{_tables.DocumentSchema}';
                    IF owner <> current_user THEN
                        EXECUTE format('ALTER TABLE {created.Table} OWNER TO %I', owner);
                    END IF;
                END $owner$;
                """),
            cancellationToken).ConfigureAwait(false);
    });

    public ValueTask DropCollection(string collection, CancellationToken cancellationToken) =>
        Do(() => _collections.Drop(_connection, collection, cancellationToken));

    public ValueTask Put(MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken) =>
        Do(() => _rows.Put(table, rows, cancellationToken));

    public ValueTask Remove(
        MovedTable table,
        IReadOnlyCollection<MovedRow> keys,
        CancellationToken cancellationToken) => Do(() => _rows.Remove(table, keys, cancellationToken));

    public async ValueTask SetHeader(MoveHeader header, CancellationToken cancellationToken)
    {
        await Execute(
            _connection.Command($"""
                UPDATE {_tables.Header} SET store_id = $1, epoch = $2, created_at = $3, created_by = $4, turn = turn + 1
                """)
                .With(header.StoreId)
                .With(header.Epoch)
                .With(MovedTime.FromMicroseconds(header.CreatedAt))
                .With(header.CreatedBy),
            cancellationToken).ConfigureAwait(false);
        var batch = (header.DocumentVersion + VersionsInBatch - 1) / VersionsInBatch;
        await AdvanceSequence(_tables.DocumentVersions, $"{batch}", cancellationToken).ConfigureAwait(false);
        await AdvanceSequence($"{_tables.DeadLetters}_id_seq", $"{header.LastDeadLetter}", cancellationToken)
            .ConfigureAwait(false);
        var last = $"(SELECT coalesce(max(id), 0) FROM {_tables.Removals})";
        await AdvanceSequence($"{_tables.Removals}_id_seq", last, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask SetRole(MoveRole role, string other, CancellationToken cancellationToken)
    {
        // A writer that read the end of the log before must read it again, and is then refused.
        await Execute(_connection.Command($"UPDATE {_tables.Header} SET turn = turn + 1"), cancellationToken)
            .ConfigureAwait(false);
        await Execute(
                _connection
                    .Command($"UPDATE {_triggers.Move} SET role = $1, other = $2")
                    .With(MoveTriggers.NameOf(role))
                    .With(other),
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask Commit(CancellationToken cancellationToken)
    {
        if (_kind == MoveSessionKind.Write)
        {
            // The mover's own writes pass until it commits.
            await Execute(_connection.Command($"UPDATE {_triggers.Move} SET passing = false"), cancellationToken)
                .ConfigureAwait(false);
        }
        // If the new role were stored on this server only, a fail-over would undo it: the moved store would be open
        // again, or the target would lack data.
        using var standby = new StandbyConfirmationMonitor(_connection);
        await Execute(_connection.Command("COMMIT"), CancellationToken.None).ConfigureAwait(false);
        if (standby.IsUnconfirmed)
            throw StandbyConfirmationMonitor.InDoubt(_description);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Nothing is left to roll back after a commit.
            await Execute(_connection.Command("ROLLBACK"), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is StorageException or InvalidOperationException)
        {
            // The connection is broken or closed, which has the same effect. The failed operation has reported the
            // cause.
        }
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private static MoveNote ReadNote(NpgsqlDataReader row, Dictionary<string, MovedTable> documents)
    {
        var id = row.GetInt64(0);
        var name = row.GetString(1);
        if (name == "events")
            return new MoveNote(
                id,
                null,
                new MovedRow([long.Parse(row.GetString(2), System.Globalization.CultureInfo.InvariantCulture)]));
        // Recorded changes of a dropped collection are not needed.
        return (MovedTables.Find(name) ?? documents.GetValueOrDefault(name)) is { } table
            ? new MoveNote(id, table, MovedRows.KeyOf(table, row, 2))
            : new MoveNote(id, null, new MovedRow([]));
    }

    private async ValueTask<HashSet<string>> ListRecordedTables(CancellationToken cancellationToken)
    {
        var command = _connection.Command("""
            SELECT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE t.tgname = 'move_note' AND n.nspname = $1
            """).With(_tables.DocumentSchema);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            names.Add(row.GetString(0));
        return names;
    }

    /// <summary>Makes a sequence continue after a number, unless it is already beyond it.</summary>
    private ValueTask AdvanceSequence(string sequence, string number, CancellationToken cancellationToken) => Execute(
        _connection.Command($"""
            SELECT setval('{sequence}', wanted) FROM {sequence}, (SELECT {number}::bigint AS wanted) w
            WHERE wanted > CASE WHEN is_called THEN last_value ELSE 0 END
            """),
        cancellationToken);

    private ValueTask Execute(NpgsqlCommand command, CancellationToken cancellationToken) => Do(async () =>
    {
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    });

    private async ValueTask Do(Func<ValueTask> work) => await Do(async () =>
    {
        await work().ConfigureAwait(false);
        return 0;
    }).ConfigureAwait(false);

    private async ValueTask<T> Do<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
        {
            throw PostgreSqlErrors.ToStorage(exception, _description);
        }
    }
}
