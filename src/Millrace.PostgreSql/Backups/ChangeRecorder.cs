using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Moves;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Backups;

/// <summary>Records the changes of claims, handled ids, removals and bounds of streams with triggers.</summary>
internal sealed class ChangeRecorder(Database database) : IChangeRecorder
{
    private const int MaxTries = 40;
    private const string ShortLockTimeout = "SET LOCAL lock_timeout = '250ms';";

    private readonly ChangeTriggers _triggers = new(database.Tables);

    public bool RecordsRequests => false;

    public async ValueTask<string?> Start(CancellationToken cancellationToken)
    {
        if (!await Scalar(_triggers.AreComplete, false, cancellationToken).ConfigureAwait(false))
            await Create(cancellationToken).ConfigureAwait(false);
        if (await IsFull(cancellationToken).ConfigureAwait(false))
            await RunExclusive($"TRUNCATE {_triggers.Table};", cancellationToken).ConfigureAwait(false);
        return await FindPart(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<string?> FindLastPart(CancellationToken cancellationToken)
    {
        var exists = await Scalar($"SELECT to_regclass('{_triggers.Table}') IS NOT NULL", false, cancellationToken)
            .ConfigureAwait(false);
        return exists && !await IsFull(cancellationToken).ConfigureAwait(false)
            ? await FindPart(cancellationToken).ConfigureAwait(false)
            : null;
    }

    public ValueTask Stop(CancellationToken cancellationToken) => RunExclusive(_triggers.Removal(), cancellationToken);

    public async ValueTask<IReadOnlyList<RecordedChange>> Read(
        long after, int limit, CancellationToken cancellationToken) =>
        await database.Read(ReadPage, (after, limit), cancellationToken).ConfigureAwait(false);

    public async ValueTask Remove(
        IReadOnlyList<long> changes, string? part, CancellationToken cancellationToken) => await database.Write(
            async (connection, numbers, cancel) =>
            {
                // The row with the last part is always among the newest.
                var command = connection.Command($"""
                    WITH removed AS (
                        DELETE FROM {_triggers.Table}
                            WHERE id = ANY ($1) OR ($2 <> '' AND tbl = '{ChangeTriggers.PartRow}'))
                    INSERT INTO {_triggers.Table} (tbl, a, position)
                        SELECT '{ChangeTriggers.PartRow}', $2, 0 WHERE $2 <> ''
                    """).With(numbers).With(part ?? "");
                await using var _ = command.ConfigureAwait(false);
                return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            },
            changes.ToArray(),
            takesLock: false,
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<IReadOnlyList<RecordedChange>> ReadPage(
        NpgsqlConnection connection, (long After, int Limit) page, CancellationToken cancellationToken)
    {
        var changes = new List<RecordedChange>();
        var command = connection
            .Command($"SELECT id, tbl, a, b, c, position FROM {_triggers.Table} WHERE id > $1 "
                + $"AND tbl <> '{ChangeTriggers.PartRow}' ORDER BY id LIMIT $2")
            .With(page.After)
            .With((long)page.Limit);
        await using (command.ConfigureAwait(false))
        {
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                changes.Add(ReadChange(row));
        }
        var rows = new MovedRows(connection, database.Tables, new Collections(database.Tables));
        await ReadRows(rows, changes, MovedTables.Handled, cancellationToken).ConfigureAwait(false);
        await ReadRows(rows, changes, MovedTables.Removals, cancellationToken).ConfigureAwait(false);
        return changes;
    }

    /// <summary>Reads a change; of a handled id and of a removal only its key, as if it was removed.</summary>
    private static RecordedChange ReadChange(NpgsqlDataReader row)
    {
        var (number, position) = (row.GetInt64(0), row.GetInt64(5));
        var first = row.GetString(2);
        switch (row.GetString(1))
        {
            case "claims":
                var isReleased = row.IsDBNull(4);
                var claim = new MovedRow(
                    isReleased ? [first, row.GetString(3)] : [first, row.GetString(3), row.GetString(4)]);
                return new RecordedChange(number, position, MovedTables.Claims, claim, isReleased);
            case "handled":
                return new RecordedChange(
                    number, position, MovedTables.Handled, new MovedRow([first, row.GetString(3)]), IsRemoved: true);
            case "removals":
                return new RecordedChange(
                    number, position, MovedTables.Removals, new MovedRow([Parse(first)]), IsRemoved: true);
            default:
                var bounds = new MovedRow([first, Parse(row.GetString(3)), Parse(row.GetString(4))]);
                return new RecordedChange(number, position, MovedTables.StreamBounds, bounds, IsRemoved: false);
        }
    }

    /// <summary>Reads the rows of changes of which only the key is known.</summary>
    private static async Task ReadRows(
        MovedRows rows, List<RecordedChange> changes, MovedTable table, CancellationToken cancellationToken)
    {
        var keys = changes.Where(change => change.Table == table).Select(change => change.Row).ToHashSet();
        if (keys.Count == 0)
            return;
        var found = (await rows.Find(table, keys, cancellationToken).ConfigureAwait(false))
            .ToDictionary(row => new MovedRow([.. row.Values.Take(table.KeyColumns)]));
        for (var i = 0; i < changes.Count; i++)
        {
            if (changes[i].Table == table && found.TryGetValue(changes[i].Row, out var row))
                changes[i] = changes[i] with { Row = row, IsRemoved = false };
        }
    }

    private async ValueTask Create(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var script in _triggers.Creation())
                await RunExclusive(script, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused)
            when (refused.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
        {
            throw new StorageException(
                $"{database.Description} cannot be backed up continuously: this role may not create the triggers that "
                    + "record changes. Run the script of PostgreSqlSchema.BackupScript(options, role) as the owner of "
                    + "the log.",
                StorageProblem.ReadOnly,
                refused);
        }
    }

    private async ValueTask<bool> IsFull(CancellationToken cancellationToken) =>
        await Scalar($"SELECT {_triggers.Span}", 0L, cancellationToken).ConfigureAwait(false)
            >= IChangeRecorder.MaxChanges - 1;

    private async ValueTask<string?> FindPart(CancellationToken cancellationToken)
    {
        var find = $"SELECT a FROM {_triggers.Table} WHERE tbl = '{ChangeTriggers.PartRow}'";
        return await Scalar(find, "", cancellationToken).ConfigureAwait(false) is { Length: > 0 } part ? part : null;
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private ValueTask<T> Scalar<T>(string sql, T missing, CancellationToken cancellationToken) =>
        database.Read(
            static async (connection, query, cancel) =>
            {
                var command = connection.Command(query.sql);
                await using var _ = command.ConfigureAwait(false);
                return await command.Scalar(query.missing, cancel).ConfigureAwait(false);
            },
            (sql, missing),
            cancellationToken);

    /// <summary>
    /// Runs a script that needs a moment without writers. It waits only for a short time, so that other transactions do
    /// not queue for long, and tries again.
    /// </summary>
    private async ValueTask RunExclusive(string script, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await database.Read(
                    static async (connection, script, cancel) =>
                    {
                        var command = connection.Command(script);
                        await using var _ = command.ConfigureAwait(false);
                        return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                    },
                    $"BEGIN; {ShortLockTimeout} {script} COMMIT",
                    cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (StorageException busy) when (busy.Problem == StorageProblem.Busy && tries < MaxTries)
            {
                // Another transaction was writing.
            }
        }
    }
}
