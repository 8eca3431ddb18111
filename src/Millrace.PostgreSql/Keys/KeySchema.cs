using System.Security.Cryptography;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Keys;

/// <summary>Creates the tables of a key store, or refuses the database.</summary>
internal static class KeySchema
{
    private const int Version = 1;
    private const int SaltBytes = 32;
    private const int CreationLock = 0x4D6C726B; // "Mlrk"

    // Not to_regclass, whose answer a session may cache while it waits for another node that creates the tables.
    private const string FindTables = """
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'millrace_keys' AND c.relname = 'header')
        """;

    // Any role can read the catalogue, whatever the schema of the events is called.
    private const string FindEvents = """
        SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname IN ('events', 'stream_bounds', 'document_versions', 'dead_letters')
        GROUP BY n.nspname HAVING count(*) = 4 LIMIT 1
        """;

    private const string CreateTables = """
        CREATE SCHEMA IF NOT EXISTS millrace_keys;
        CREATE TABLE millrace_keys.header (
            id int PRIMARY KEY CHECK (id = 1),
            schema_version int NOT NULL,
            store_id uuid NOT NULL,
            salt bytea NOT NULL,
            created_at timestamptz NOT NULL);
        CREATE TABLE millrace_keys.keys (
            id text COLLATE "C" PRIMARY KEY,
            tenant text COLLATE "C" NOT NULL,
            subject text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL,
            subject_hash bytea NOT NULL,
            owner_hash bytea NOT NULL,
            state smallint NOT NULL,
            wrapped bytea NOT NULL,
            master_key text COLLATE "C" NOT NULL,
            created_at timestamptz NOT NULL,
            destroyed_at timestamptz);
        CREATE UNIQUE INDEX active_keys ON millrace_keys.keys (owner_hash) WHERE state = 0;
        CREATE INDEX keys_by_owner ON millrace_keys.keys (owner_hash);
        CREATE INDEX keys_by_subject ON millrace_keys.keys (subject_hash);
        """;

    private const string InsertHeader =
        "INSERT INTO millrace_keys.header (id, schema_version, store_id, salt, created_at) VALUES (1, $1, $2, $3, $4)";

    /// <summary>Opens the key store: creates it on first use.</summary>
    /// <exception cref="KeyStoreException">The database contains events, or a newer key store.</exception>
    public static async ValueTask<KeyStoreIdentity> Open(
        NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        await ThrowIfEvents(connection, cancellationToken).ConfigureAwait(false);
        if (!await HasTables(connection, cancellationToken).ConfigureAwait(false))
            await Create(connection, time, cancellationToken).ConfigureAwait(false);
        var command = connection.Command("SELECT schema_version, store_id, salt FROM millrace_keys.header");
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw new KeyStoreException(
                "The schema millrace_keys has no identity: restore the key store from its backup.",
                StorageProblem.Damaged);
        if (row.GetInt32(0) > Version)
            throw new KeyStoreException(
                $"The key store has schema version {row.GetInt32(0)}, and this version of Millrace knows up to "
                    + $"{Version}. Use the version of Millrace that wrote it, or a later one.",
                StorageProblem.TooNew);
        return new KeyStoreIdentity(row.GetGuid(1), row.GetFieldValue<byte[]>(2));
    }

    private static async ValueTask ThrowIfEvents(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(FindEvents);
        await using var _ = command.ConfigureAwait(false);
        if (await command.Scalar("", cancellationToken).ConfigureAwait(false) is { Length: > 0 } schema)
            throw new KeyStoreException(
                $"The database '{connection.Database}' contains the events of a Millrace store in the schema "
                    + $"'{schema}'. The keys must be stored apart from the events: choose another database.",
                StorageProblem.NotAStore);
    }

    private static async ValueTask<bool> HasTables(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var command = connection.Command(FindTables);
        await using var _ = command.ConfigureAwait(false);
        return await command.Scalar(false, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask Create(
        NpgsqlConnection connection, TimeProvider time, CancellationToken cancellationToken)
    {
        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using var _ = transaction.ConfigureAwait(false);
        await KeyRows.Lock(connection, CreationLock, cancellationToken).ConfigureAwait(false);
        if (await HasTables(connection, cancellationToken).ConfigureAwait(false))
            return; // Another node has just created them.
        var tables = connection.Command(CreateTables);
        await using var __ = tables.ConfigureAwait(false);
        await tables.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var header = connection.Command(InsertHeader)
            .With(Version)
            .With(new Guid(RandomNumberGenerator.GetBytes(16)))
            .With(RandomNumberGenerator.GetBytes(SaltBytes))
            .With(time.GetUtcNow().UtcDateTime);
        await using var ___ = header.ConfigureAwait(false);
        await header.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
