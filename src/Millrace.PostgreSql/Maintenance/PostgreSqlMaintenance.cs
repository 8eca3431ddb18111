using System.Data;
using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Maintenance;

/// <summary>Reports on and verifies a store in PostgreSQL. Backups are made with PostgreSQL's own tools.</summary>
internal sealed class PostgreSqlMaintenance(Database database, Collections collections) : IMaintenanceStorage
{
    private const int MaxTypes = 100;

    private static readonly KeyValuePair<string, string>[] NoDetails = [];
    private static readonly KeyValuePair<string, string>[] Incomplete =
        [new("indexes", "not complete: reads by source are slow; millrace upgrade builds them")];

    private readonly string _header = $"""
        SELECT h.epoch, (SELECT coalesce(max(position), 0) FROM {database.Tables.Events}), h.schema_version, h.store_id, h.created_at,
            (SELECT coalesce(sum(events), 0)::bigint FROM {database.Tables.Removals}), pg_database_size(current_database()),
            current_setting('server_version'), current_setting('synchronous_commit'), current_setting('fsync'),
            {IndexBuilder.AreComplete(database.Tables)}
        FROM {database.Tables.Header} h
        """;
    private readonly string _types = $"""
        SELECT type, count(*) AS events FROM {database.Tables.Events} GROUP BY type ORDER BY events DESC, type LIMIT {MaxTypes}
        """;
    private readonly string _streams = StreamQueries.Count(database.Tables);
    private readonly string _startEpoch = $"""
        UPDATE {database.Tables.Header} SET epoch = epoch + 1, turn = turn + 1
        RETURNING epoch, (SELECT coalesce(max(position), 0) FROM {database.Tables.Events})
        """;

    public ValueTask<StoreInfo> GetInfo(CancellationToken cancellationToken) => InSnapshot(
        static (connection, self, cancel) => self.ReadInfo(connection, cancel), this, cancellationToken);

    /// <summary>
    /// Returns the id of the store and its epoch, and where it is: the database, the table, and the server with its
    /// timeline if it reports them.
    /// </summary>
    public async ValueTask<string?> GetIdentity(CancellationToken cancellationToken) =>
        await FindIdentity(ServerChangeDetector.Server, cancellationToken).ConfigureAwait(false)
        ?? await FindIdentity("'?'", cancellationToken).ConfigureAwait(false);

    public ValueTask Backup(
        string destination, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        throw new StorageException(
            $"{database.Description} cannot be copied to a file. Back it up to a directory (millrace backup backups/), "
                + "or with PostgreSQL's own tools: pg_dump for one database, or pg_basebackup or your provider's "
                + "snapshots with archived WAL for a point in time. After a restore with these tools, start a new "
                + "epoch of the log.",
            StorageProblem.Other);

    public ValueTask<VerifyReport> Verify(
        IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        InSnapshot(
            static (connection, args, cancel) =>
                new StoreVerification(connection, args.database.Tables, args.collections, args.progress).Run(cancel),
            (database, collections, progress),
            cancellationToken);

    public ValueTask<LogHead> StartEpoch(CancellationToken cancellationToken) => database.Write(
        static async (connection, sql, cancel) =>
        {
            var command = connection.Command(sql);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            await row.ReadAsync(cancel).ConfigureAwait(false);
            return new LogHead(row.GetInt64(0), row.GetInt64(1));
        },
        _startEpoch, takesLock: true, cancellationToken);

    public ValueTask RemoveByPrefix(string prefix, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return new PrefixRemoval(database, collections, prefix).Remove(cancellationToken);
    }

    /// <summary>Returns the identity; null if the server refuses the expression.</summary>
    private ValueTask<string?> FindIdentity(string server, CancellationToken cancellationToken) => database.Read(
        static async (connection, sql, cancel) =>
        {
            try
            {
                var command = connection.Command(sql);
                await using var _ = command.ConfigureAwait(false);
                return (string?)await command.ExecuteScalarAsync(cancel).ConfigureAwait(false);
            }
            catch (PostgresException refused) when (!PostgreSqlErrors.ShouldReconnect(refused))
            {
                return null;
            }
        },
        $"""
        SELECT concat_ws('/', h.store_id, h.epoch, h.tableoid,
            (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()), {server})
        FROM {database.Tables.Header} h
        """,
        cancellationToken);

    /// <summary>Reads in a transaction that sees one snapshot of the store.</summary>
    private ValueTask<TResult> InSnapshot<TState, TResult>(
        Func<NpgsqlConnection, TState, CancellationToken, ValueTask<TResult>> work,
        TState state,
        CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, args, cancel) =>
            {
                var transaction = await connection
                    .BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel)
                    .ConfigureAwait(false);
                await using var _ = transaction.ConfigureAwait(false);
                return await args.work(connection, args.state, cancel).ConfigureAwait(false);
            },
            (work, state),
            cancellationToken);

    private async ValueTask<StoreInfo> ReadInfo(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var streams = connection.LongCommand(_streams);
        await using var _ = streams.ConfigureAwait(false);
        var count = await streams.Scalar(0L, cancellationToken).ConfigureAwait(false);
        var types = await ReadTypes(connection, cancellationToken).ConfigureAwait(false);
        var header = connection.LongCommand(_header);
        await using var __ = header.ConfigureAwait(false);
        var row = await header.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var ___ = row.ConfigureAwait(false);
        await row.ReadAsync(cancellationToken).ConfigureAwait(false);
        var head = new LogHead(row.GetInt64(0), row.GetInt64(1));
        var removed = row.GetInt64(5);
        return new StoreInfo
        {
            Head = head,
            Events = head.Position - removed,
            Streams = count,
            SizeBytes = row.GetInt64(6),
            SchemaVersion = row.GetInt32(2),
            RemovedEvents = removed,
            Types = types,
            Details =
            [
                new("database", database.Description),
                new("schemas", $"{database.Tables.LogSchema}, {database.Tables.DocumentSchema}"),
                new("store id", row.GetGuid(3).ToString()),
                new("created at", row.GetTime(4).ToString("O", CultureInfo.InvariantCulture)),
                new("postgresql", row.GetString(7)),
                new("synchronous_commit", row.GetString(8)),
                new("fsync", row.GetString(9)),
                .. row.GetBoolean(10) ? NoDetails : Incomplete,
            ],
        };
    }

    private async ValueTask<List<TypeCount>> ReadTypes(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.LongCommand(_types);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var types = new List<TypeCount>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            types.Add(new TypeCount(row.GetString(0), row.GetInt64(1)));
        return types;
    }
}
