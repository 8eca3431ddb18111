using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Npgsql;

namespace Millrace.PostgreSql.Backups;

/// <summary>
/// Records the changes of claims, handled ids, removals, bounds of streams and documents with triggers.
/// </summary>
internal sealed class ChangeRecorder(Database database) : IChangeRecorder
{
    private const int MaxTries = 40;
    private const string ShortLockTimeout = "SET LOCAL lock_timeout = '250ms';";

    private readonly ChangeTriggers _triggers = new(database.Tables);

    public bool RecordsRequests => false;

    public async ValueTask<string?> Start(long maxBytes, CancellationToken cancellationToken)
    {
        if (!await Scalar(_triggers.AreComplete, false, cancellationToken).ConfigureAwait(false))
            await Create(_triggers.Creation(), cancellationToken).ConfigureAwait(false);
        if (!await Scalar(_triggers.AreCollectionsComplete, false, cancellationToken).ConfigureAwait(false))
        {
            // One collection in a transaction, so that few locks are held, and only for a moment.
            await Create([_triggers.WaitForCollections], cancellationToken).ConfigureAwait(false);
            var names = await ListCollections(cancellationToken).ConfigureAwait(false);
            await Create(names.Select(_triggers.TriggersOf), cancellationToken).ConfigureAwait(false);
            if (!await Scalar(_triggers.AreCollectionsComplete, false, cancellationToken).ConfigureAwait(false))
                throw MayNotCreate(null);
        }
        if (await IsFull(cancellationToken).ConfigureAwait(false))
            await RunExclusive(
                $"TRUNCATE {_triggers.Table}; "
                    + $"SELECT setval('{_triggers.Removed}', last_value) FROM {_triggers.Numbers};",
                cancellationToken).ConfigureAwait(false);
        await Set(_triggers.Limit, maxBytes, cancellationToken).ConfigureAwait(false);
        // Two nodes can note a part at the same time when the lease changes.
        await Scalar(_triggers.RemoveFormerParts, 0L, cancellationToken).ConfigureAwait(false);
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

    public async ValueTask<IReadOnlyList<RecordedChange>?> Read(
        long after, int limit, CancellationToken cancellationToken) =>
        await database.Read(ReadPage, (after, limit), cancellationToken).ConfigureAwait(false);

    public async ValueTask Remove(
        IReadOnlyList<long> changes, string? part, CancellationToken cancellationToken)
    {
        await database.Write(
            async (connection, numbers, cancel) =>
            {
                // The row with the last part was written after the changes of this part were removed.
                var command = connection.Command($"""
                    WITH removed AS (DELETE FROM {_triggers.Table} WHERE id = ANY ($1)),
                        former AS (DELETE FROM {_triggers.Table} WHERE $2 <> '' AND tbl = '{ChangeTriggers.PartRow}'
                            AND id > (SELECT last_value FROM {_triggers.Removed}))
                    INSERT INTO {_triggers.Table} (tbl, a, position)
                        SELECT '{ChangeTriggers.PartRow}', $2, 0 WHERE $2 <> ''
                    """).With(numbers).With(part ?? "");
                await using var _ = command.ConfigureAwait(false);
                return await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
            },
            changes.ToArray(),
            takesLock: false,
            cancellationToken).ConfigureAwait(false);
        // A sequence changes at once, and so only after the commit, and after the row with the former part was found.
        if (part is not null && changes.Count > 0)
            await Set(_triggers.Removed, changes.Max(), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<IReadOnlyList<RecordedChange>?> ReadPage(
        NpgsqlConnection connection, (long After, int Limit) page, CancellationToken cancellationToken) =>
        await new RecordedRows(connection, database.Tables, _triggers)
            .Read(page.After, page.Limit, cancellationToken)
            .ConfigureAwait(false);

    private ValueTask<List<string>> ListCollections(CancellationToken cancellationToken) => database.Read(
        static async (connection, query, cancel) =>
        {
            var names = new List<string>();
            var command = connection.Command(query);
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancel).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancel).ConfigureAwait(false))
                names.Add(row.GetString(0));
            return names;
        },
        _triggers.CollectionsWithoutTriggers,
        cancellationToken);

    private async ValueTask Create(IEnumerable<string> scripts, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var script in scripts)
                await RunExclusive(script, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException refused)
            when (refused.InnerException is PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege })
        {
            throw MayNotCreate(refused);
        }
    }

    private StorageException MayNotCreate(Exception? refused) => new(
        $"{database.Description} cannot be backed up continuously: this role may not create the triggers that record "
            + "changes. Run the script of PostgreSqlSchema.BackupScript(options, role) as the owner of the log and of "
            + "the tables of documents.",
        StorageProblem.ReadOnly,
        refused);

    private ValueTask<bool> IsFull(CancellationToken cancellationToken) =>
        Scalar(_triggers.HasFullRow, false, cancellationToken);

    /// <summary>Sets the value of a sequence, if it differs.</summary>
    private async ValueTask Set(string sequence, long value, CancellationToken cancellationToken) => await Scalar(
        string.Create(
            CultureInfo.InvariantCulture,
            $"SELECT setval('{sequence}', {value}) FROM {sequence} WHERE last_value <> {value}"),
        0L,
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<string?> FindPart(CancellationToken cancellationToken)
    {
        var find =
            $"SELECT a FROM {_triggers.Table} WHERE tbl = '{ChangeTriggers.PartRow}' ORDER BY id DESC LIMIT 1";
        return await Scalar(find, "", cancellationToken).ConfigureAwait(false) is { Length: > 0 } part ? part : null;
    }

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
