using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Schema;

/// <summary>
/// Brings a database up to date when a store is opened, or reports the command that an administrator must run.
/// </summary>
internal sealed class Migrator(Database database)
{
    private const int MaxTries = 5;

    /// <summary>Migrates the database, and returns true if the log then has all its indexes.</summary>
    public async ValueTask<bool> Run(CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
            await using var _ = connection.ConfigureAwait(false);
            try
            {
                return await Run(connection, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException waited) when (PostgreSqlErrors.IsLockWait(waited) && tries < MaxTries)
            {
                // The wait reached the limit for blocking other sessions, and nothing was changed. Other sessions
                // proceed before the retry.
            }
            catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
            {
                throw PostgreSqlErrors.ToStorage(exception, database.Description);
            }
        }
    }

    private async ValueTask<bool> Run(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var (known, isComplete) = await ReadState(connection, cancellationToken).ConfigureAwait(false);
        if (known > StoreSchema.Version)
        {
            throw new StorageException(
                $"{database.Description} has schema version {known}, and this version of Millrace knows up to "
                    + $"{StoreSchema.Version}. "
                + "Use the version of Millrace that wrote it, or a later one.",
                StorageProblem.TooNew);
        }
        if (known == StoreSchema.Version)
            return isComplete;
        if (!database.Options.Migrates)
            throw MustMigrate(known, "PostgreSqlOptions.Migrates is false", null);
        try
        {
            var command = connection.Command(PostgreSqlSchema.Script(database.Options));
            await using var _ = command.ConfigureAwait(false);
            command.CommandTimeout = 0; // Its lock waits have their own limits.
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw MustMigrate(known, failure.MessageText, failure);
        }
        return (await ReadState(connection, cancellationToken).ConfigureAwait(false)).IsComplete;
    }

    private StorageException MustMigrate(int known, string reason, Exception? failure) =>
        new(
            $"{database.Description} has schema version {known} and must have {StoreSchema.Version}, but this "
                + $"role does not migrate it ({reason}). Run as the owner of the log: "
                + "millrace schema --role ROLE | psql DATABASE",
            StorageProblem.ReadOnly,
            failure);

    /// <summary>
    /// Reads the version of the schema (0 if there is none), and whether the log has all its indexes.
    /// </summary>
    private async ValueTask<(int Version, bool IsComplete)> ReadState(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var command = connection.Command(
                $"SELECT schema_version, {IndexBuilder.AreComplete(database.Tables)} FROM {database.Tables.Header}");
            await using var _ = command.ConfigureAwait(false);
            var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var __ = row.ConfigureAwait(false);
            return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
                ? (row.GetInt32(0), row.GetBoolean(1))
                : (0, false);
        }
        catch (PostgresException failure) when (PostgreSqlErrors.IsMissingTable(failure))
        {
            return (0, false);
        }
    }
}
