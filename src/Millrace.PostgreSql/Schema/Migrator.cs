using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>Brings a database up to date when a store is opened, or says who has to run what.</summary>
internal sealed class Migrator(Database database)
{
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var connection = await database.Connect(cancellationToken).ConfigureAwait(false);
        await using var _ = connection.ConfigureAwait(false);
        try
        {
            await Run(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgreSqlErrors.IsKnown(exception))
        {
            throw PostgreSqlErrors.ToStorage(exception, database.Description);
        }
    }

    private async ValueTask Run(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var known = await FindVersion(connection, cancellationToken).ConfigureAwait(false);
        if (known > StoreSchema.Version)
        {
            throw new StorageException(
                $"{database.Description} has schema version {known}, and this version of Millrace knows up to {StoreSchema.Version}. "
                + "Use the version of Millrace that wrote it, or a later one.",
                StorageProblem.TooNew);
        }
        if (known == StoreSchema.Version)
            return;
        if (!database.Options.Migrates)
            throw MustMigrate(known, "PostgreSqlOptions.Migrates is false", null);
        try
        {
            var command = connection.Command(PostgreSqlSchema.Script(database.Options));
            await using var _ = command.ConfigureAwait(false);
            command.CommandTimeout = 0; // An index of a large log takes its time, and giving up would only begin it again.
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw MustMigrate(known, failure.MessageText, failure);
        }
    }

    private StorageException MustMigrate(int known, string why, Exception? failure) => new(
        $"{database.Description} has schema version {known} and must have {StoreSchema.Version}, but this role does not migrate it "
        + $"({why}). Run as the owner of the log: millrace schema --role ROLE | psql DATABASE",
        StorageProblem.ReadOnly,
        failure);

    /// <summary>The version of the schema; 0 where there is none.</summary>
    private async ValueTask<int> FindVersion(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var command = connection.Command($"SELECT schema_version FROM {database.Tables.Header}");
            await using var _ = command.ConfigureAwait(false);
            return await command.Scalar(0, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure) when (PostgreSqlErrors.IsMissingTable(failure))
        {
            return 0;
        }
    }
}
