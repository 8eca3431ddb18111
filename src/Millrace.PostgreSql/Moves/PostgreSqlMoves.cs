using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Moves;

/// <summary>A PostgreSQL database as the source or target of a move.</summary>
internal sealed class PostgreSqlMoves(Database database) : IMoveEndpoint, IAsyncDisposable
{
    private const int MaxTries = 40;
    private const string ShortLockTimeout = "SELECT set_config('lock_timeout', '250ms', true)";

    private readonly MoveTriggers _triggers = new(database.Tables);
    private NpgsqlConnection? _moveLock;
    private bool _isMoveLockLost;

    public async ValueTask ThrowIfClosed(CancellationToken cancellationToken)
    {
        var (role, other) = await WithConnection(FindRole, cancellationToken).ConfigureAwait(false);
        if (MoveRefusal.Of(database.Description, role, other) is { } refusal)
            throw refusal;
    }

    public bool SortsScopes => true;

    public ValueTask<MoveState> GetState(CancellationToken cancellationToken) => WithConnection(
        ReadState, cancellationToken);

    public async ValueTask StartSource(string other, CancellationToken cancellationToken)
    {
        await AcquireMoveLock(cancellationToken).ConfigureAwait(false);
        await Install(cancellationToken).ConfigureAwait(false);
        await SetRole(MoveRole.Source, other, cancellationToken).ConfigureAwait(false);
        foreach (
            var wait in _triggers.Waits(await WithConnection(ListCollections, cancellationToken).ConfigureAwait(false)))
            await RunExclusive(wait, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask StartTarget(string other, CancellationToken cancellationToken)
    {
        await AcquireMoveLock(cancellationToken).ConfigureAwait(false);
        await new Migrator(database).Run(cancellationToken).ConfigureAwait(false);
        await Install(cancellationToken).ConfigureAwait(false);
        await SetRole(MoveRole.Target, other, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask NoteCollections(CancellationToken cancellationToken)
    {
        var collections = await WithConnection(ListCollections, cancellationToken).ConfigureAwait(false);
        var session = await OpenSession(MoveSessionKind.Read, cancellationToken).ConfigureAwait(false);
        HashSet<string> noted;
        await using (session.ConfigureAwait(false))
        {
            noted = [.. from one in await session.ListCollections(cancellationToken).ConfigureAwait(false)
                        where one.IsNoted select one.Definition.Name];
        }
        foreach (var collection in collections.Where(collection => !noted.Contains(collection.Definition.Name)))
            await RunExclusive(_triggers.TriggersOf(collection), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RemoveNotes(IReadOnlyList<long> notes, CancellationToken cancellationToken)
    {
        if (notes.Count == 0)
            return;
        await CheckMoveLock(cancellationToken).ConfigureAwait(false);
        await WithConnection(
                async (connection, cancel) =>
                {
                    var command = connection
                        .Command($"DELETE FROM {_triggers.Notes} WHERE id = ANY ($1)")
                        .With(notes.ToArray());
                    await using var _ = command.ConfigureAwait(false);
                    return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                },
                cancellationToken)
            .ConfigureAwait(false);
    }

    public async ValueTask<IMoveSession> OpenSession(MoveSessionKind kind, CancellationToken cancellationToken)
    {
        if (kind != MoveSessionKind.Read)
            await CheckMoveLock(cancellationToken).ConfigureAwait(false);
        var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var statement in StartStatements(kind))
                await Execute(connection, statement, cancellationToken).ConfigureAwait(false);
            return new PostgreSqlMoveSession(connection, kind, database, _triggers);
        }
        catch (Exception exception)
        {
            await Abandon(connection).ConfigureAwait(false);
            if (PostgreSqlErrors.IsKnown(exception))
                throw PostgreSqlErrors.ToStorage(exception, database.Description);
            throw;
        }
    }

    public async ValueTask End(CancellationToken cancellationToken)
    {
        await AcquireMoveLock(cancellationToken).ConfigureAwait(false);
        await RunExclusive(_triggers.Removal(), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_moveLock is { } moveLock)
        {
            await Abandon(moveLock, "SELECT pg_advisory_unlock_all()").ConfigureAwait(false);
            _moveLock = null;
        }
    }

    /// <summary>Allows one mover at a time: it holds a lock while its connection is open.</summary>
    private async ValueTask AcquireMoveLock(CancellationToken cancellationToken)
    {
        if (_moveLock is not null)
            return;
        var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
        var (lockClass, key) = database.Tables.LogLock;
        var command = connection.Command("SELECT pg_try_advisory_lock($1, $2)").With(lockClass + 1).With(key);
        await using var _ = command.ConfigureAwait(false);
        if (await command.Scalar(false, cancellationToken).ConfigureAwait(false))
        {
            _moveLock = connection;
            _isMoveLockLost = false;
            return;
        }
        await connection.DisposeAsync().ConfigureAwait(false);
        throw MoveRefusal.AlreadyMoving(database.Description);
    }

    /// <summary>
    /// Checks that this mover still holds the lock. If its connection was lost, another mover may hold the lock and
    /// have copied newer data. Nothing more is written then.
    /// </summary>
    private async ValueTask CheckMoveLock(CancellationToken cancellationToken)
    {
        if (_moveLock is { } moveLock)
        {
            try
            {
                await Execute(moveLock, "SELECT 1", cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception)
                when (PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
            {
                _moveLock = null;
                _isMoveLockLost = true;
                await moveLock.DisposeAsync().ConfigureAwait(false);
            }
        }
        if (_isMoveLockLost)
            throw MoveRefusal.MoveOvertaken(database.Description);
    }

    /// <summary>
    /// Returns the statements that start a transaction. A fence takes the log's lock before those of tables, as all
    /// writers do. Consumer commits lock the row of their consumer first, and wait there.
    /// </summary>
    private string[] StartStatements(MoveSessionKind kind)
    {
        var tables = database.Tables;
        return kind switch
        {
            MoveSessionKind.Read => ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"],
            MoveSessionKind.Write => ["BEGIN", $"UPDATE {_triggers.Move} SET passing = true"],
            _ =>
            [
                "BEGIN",
                "SELECT set_config('lock_timeout', '500ms', true), set_config('idle_in_transaction_session_timeout', "
                    + "'5s', true)",
                $"SELECT pg_advisory_xact_lock({tables.LogLock.Class}, {tables.LogLock.Key})",
                ShortLockTimeout,
                $"LOCK TABLE {tables.Consumers}, {tables.PausedConsumers}, {tables.Nodes} IN EXCLUSIVE MODE",
            ],
        };
    }

    private async ValueTask Install(CancellationToken cancellationToken)
    {
        await RunExclusive(_triggers.Preparation(), cancellationToken).ConfigureAwait(false);
        var collections = await WithConnection(ListCollections, cancellationToken).ConfigureAwait(false);
        foreach (var script in _triggers.Triggers(collections))
            await RunExclusive(script, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SetRole(
        MoveRole role, string other, CancellationToken cancellationToken) => await WithConnection(
        async (connection, cancel) =>
        {
            var command = connection.Command($"""
                INSERT INTO {_triggers.Move} (id, role, other) VALUES (1, $1, $2)
                ON CONFLICT (id) DO UPDATE SET role = excluded.role, other = excluded.other
                """).With(MoveTriggers.NameOf(role)).With(other);
            await using var _ = command.ConfigureAwait(false);
            return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Runs a script that needs exclusive access to a table. It waits only for a short time, so that other transactions
    /// do not queue for long, and tries again.
    /// </summary>
    private async ValueTask RunExclusive(string script, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await WithConnection(
                        async (connection, cancel) =>
                        {
                            await Execute(connection, $"BEGIN; {ShortLockTimeout}; {script} COMMIT", cancel)
                                .ConfigureAwait(false);
                            return 0;
                        },
                        cancellationToken)
                    .ConfigureAwait(false);
                return;
            }
            catch (StorageException busy) when (busy.Problem == StorageProblem.Busy && tries < MaxTries)
            {
                // Another transaction was writing.
            }
        }
    }

    private async ValueTask<(MoveRole Role, string Other)> FindRole(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var find = connection.Command($"SELECT to_regclass('{_triggers.Move}') IS NOT NULL");
        await using (find.ConfigureAwait(false))
        {
            if (!await find.Scalar(false, cancellationToken).ConfigureAwait(false))
                return (MoveRole.None, "");
        }
        var command = connection.Command($"SELECT role, other FROM {_triggers.Move}");
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (MoveTriggers.RoleOf(row.GetString(0)), row.GetString(1))
            : (MoveRole.None, "");
    }

    private async ValueTask<MoveState> ReadState(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = database.Tables;
        var find = connection.Command($"SELECT to_regclass('{tables.Header}') IS NOT NULL");
        await using (find.ConfigureAwait(false))
        {
            if (!await find.Scalar(false, cancellationToken).ConfigureAwait(false))
                return new MoveState(null, IsEmpty: true, MoveRole.None, "");
        }
        var command = connection.Command($"SELECT schema_version FROM {tables.Header}");
        await using (command.ConfigureAwait(false))
        {
            if (await command.Scalar(0, cancellationToken).ConfigureAwait(false) is var version
                && version < StoreSchema.Version)
            {
                throw new StorageException(
                    $"{database.Description} has schema version {version} and must have {StoreSchema.Version} before "
                        + "it is moved. Run as the owner of the log: millrace schema --role ROLE | psql DATABASE",
                    StorageProblem.TooOld);
            }
        }
        var content = connection.Command($"""
            SELECT NOT (EXISTS (SELECT FROM {tables.Events}) OR EXISTS (SELECT FROM {tables.Consumers})
                OR EXISTS (SELECT FROM {tables.Collections}) OR EXISTS (SELECT FROM {tables.Claims}))
            """);
        await using var _ = content.ConfigureAwait(false);
        var isEmpty = await content.Scalar(true, cancellationToken).ConfigureAwait(false);
        var header = await PostgreSqlMoveSession
            .ReadHeader(connection, tables, cancellationToken)
            .ConfigureAwait(false);
        var (role, other) = await FindRole(connection, cancellationToken).ConfigureAwait(false);
        var foreign = await ListOtherTables(connection, cancellationToken).ConfigureAwait(false);
        return new MoveState(header, isEmpty, role, other) { Foreign = foreign };
    }

    /// <summary>Lists tables in the same database that belong to the application or to other programs.</summary>
    private async ValueTask<List<string>> ListOtherTables(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var tables = database.Tables;
        var command = connection.Command($"""
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%'
                AND n.nspname NOT IN ('information_schema', $1)
                AND NOT (n.nspname = $2 AND c.relname IN (SELECT 'doc_' || id FROM {tables.Collections}))
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            ORDER BY 1
            """).With(tables.LogSchema).With(tables.DocumentSchema);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var foreign = new List<string>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            foreign.Add(row.GetString(0));
        return foreign;
    }

    private async ValueTask<List<Collection>> ListCollections(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    ) => await new Collections(database.Tables).List(connection, cancellationToken).ConfigureAwait(false);

    private async ValueTask<T> WithConnection<T>(
        Func<NpgsqlConnection, CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken)
    {
        var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await work(connection, cancellationToken).ConfigureAwait(false);
            await connection.DisposeAsync().ConfigureAwait(false);
            return result;
        }
        catch (Exception exception)
        {
            await Abandon(connection).ConfigureAwait(false);
            if (PostgreSqlErrors.IsKnown(exception))
                throw PostgreSqlErrors.ToStorage(exception, database.Description);
            throw;
        }
    }

    private static async ValueTask Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = connection.Command(sql);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Rolls back a transaction that may be open, and releases the connection.</summary>
    private static async ValueTask Abandon(NpgsqlConnection connection, string sql = "ROLLBACK")
    {
        try
        {
            await Execute(connection, sql, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception) || exception is InvalidOperationException)
        {
            // The connection is broken, which has the same effect.
        }
        await connection.DisposeAsync().ConfigureAwait(false);
    }
}
