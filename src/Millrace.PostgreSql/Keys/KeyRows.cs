using System.Buffers.Text;
using System.Security.Cryptography;
using Millrace.PostgreSql.Connections;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Keys;

/// <summary>Reads and writes the rows of keys.</summary>
internal static class KeyRows
{
    private const int KeyIdBytes = 16;

    private const string Columns =
        "id, tenant, subject, kind, state, wrapped, master_key, created_at, destroyed_at FROM millrace_keys.keys";

    private const string ById = $"SELECT {Columns} WHERE id = ANY($1)";

    // An active key of the owner, then a destroyed key of the owner, then the record for all kinds of data.
    private const string Current = $"""
        SELECT {Columns}
        WHERE (owner_hash = $1 AND state <> 1) OR ($3 AND owner_hash = $2 AND state = 2)
        ORDER BY owner_hash <> $1, state LIMIT 1
        """;

    private const string Page = $"""
        SELECT {Columns}
        WHERE id > $1 AND ($2::text IS NULL OR tenant = $2) AND ($3::text IS NULL OR subject = $3)
            AND ($4::bytea IS NULL OR subject_hash = $4) AND ($5::text IS NULL OR (state <> 2 AND master_key <> $5))
        ORDER BY id LIMIT $6
        """;

    private const string InsertKey = """
        INSERT INTO millrace_keys.keys (
            id, tenant, subject, kind, subject_hash, owner_hash, state, wrapped, master_key, created_at, destroyed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """;

    private const string RetireKey =
        "UPDATE millrace_keys.keys SET state = 1 WHERE id = $1 AND owner_hash = $2 AND state = 0";

    private const string RewrapKey = """
        UPDATE millrace_keys.keys SET wrapped = $1, master_key = $2 WHERE id = $3 AND master_key = $4 AND state <> 2
        """;

    private const string DestroyKeys = """
        UPDATE millrace_keys.keys SET state = 2, wrapped = '', master_key = '', destroyed_at = $1
        WHERE (owner_hash = $2 OR ($3 AND subject_hash = $4)) AND state <> 2
        RETURNING id
        """;

    private const string HasRecord = "SELECT EXISTS (SELECT FROM millrace_keys.keys WHERE owner_hash = $1)";

    /// <summary>Waits for other changes of the subject, until the transaction ends.</summary>
    public static ValueTask Lock(NpgsqlConnection connection, OwnerRow owner, CancellationToken cancellationToken) =>
        Lock(connection, owner.LockNumber, cancellationToken);

    public static async ValueTask Lock(NpgsqlConnection connection, long number, CancellationToken cancellationToken)
    {
        var command = connection.Command("SELECT pg_advisory_xact_lock($1)").With(number);
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public static ValueTask<IReadOnlyList<KeyRecord>> Find(
        NpgsqlConnection connection, string[] ids, CancellationToken cancellationToken) =>
        ReadAll(connection.Command(ById).With(ids), cancellationToken);

    public static async ValueTask<KeyRecord?> FindCurrent(
        NpgsqlConnection connection, OwnerRow owner, CancellationToken cancellationToken)
    {
        var command = connection.Command(Current)
            .With(owner.OwnerHash)
            .With(owner.AllKindsHash)
            .With(owner.Owner.Subject.Length > 0);
        var found = await ReadAll(command, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? null : found[0];
    }

    public static ValueTask<IReadOnlyList<KeyRecord>> List(
        NpgsqlConnection connection, KeyQuery query, CancellationToken cancellationToken)
    {
        var subjectHash = query is { Tenant: { } tenant, Subject: { } subject }
            ? OwnerRow.HashOfSubject(tenant, subject)
            : null;
        return ReadAll(
            connection.Command(Page)
                .With(query.After ?? "")
                .With(query.Tenant, NpgsqlDbType.Text)
                .With(query.Subject, NpgsqlDbType.Text)
                .With(subjectHash, NpgsqlDbType.Bytea)
                .With(query.ExceptMasterKeyId, NpgsqlDbType.Text)
                .With(query.Limit),
            cancellationToken);
    }

    public static async ValueTask<KeyRecord> Insert(
        NpgsqlConnection connection, OwnerRow owner, KeyRecord key, CancellationToken cancellationToken)
    {
        var command = connection.Command(InsertKey)
            .With(key.Id)
            .With(owner.Owner.Tenant)
            .With(owner.Owner.Subject)
            .With(owner.Owner.Kind)
            .With(owner.SubjectHash)
            .With(owner.OwnerHash)
            .With((short)key.State)
            .With(key.Wrapped.ToArray())
            .With(key.MasterKeyId)
            .With(key.CreatedAt.UtcDateTime);
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.TimestampTz,
            Value = (object?)key.DestroyedAt?.UtcDateTime ?? DBNull.Value,
        });
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return key;
    }

    public static ValueTask<bool> Retire(
        NpgsqlConnection connection, OwnerRow owner, string id, CancellationToken cancellationToken) =>
        ChangesOne(connection.Command(RetireKey).With(id).With(owner.OwnerHash), cancellationToken);

    public static ValueTask<bool> Rewrap(
        NpgsqlConnection connection, KeyRecord key, string formerMasterKeyId, CancellationToken cancellationToken) =>
        ChangesOne(
            connection.Command(RewrapKey)
                .With(key.Wrapped.ToArray())
                .With(key.MasterKeyId)
                .With(key.Id)
                .With(formerMasterKeyId),
            cancellationToken);

    public static async ValueTask<IReadOnlyList<string>> Destroy(
        NpgsqlConnection connection, OwnerRow owner, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        var destroy = connection.Command(DestroyKeys)
            .With(at.UtcDateTime)
            .With(owner.OwnerHash)
            .With(owner.Owner.Kind == KeyOwner.AllKinds)
            .With(owner.SubjectHash);
        await using (destroy.ConfigureAwait(false))
        {
            var row = await destroy.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = row.ConfigureAwait(false);
            while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                ids.Add(row.GetString(0));
        }
        var find = connection.Command(HasRecord).With(owner.OwnerHash);
        await using var __ = find.ConfigureAwait(false);
        if (await find.Scalar(false, cancellationToken).ConfigureAwait(false))
            return ids;
        var record = new KeyRecord
        {
            Id = NewId(),
            Owner = owner.Owner,
            State = KeyState.Destroyed,
            CreatedAt = at,
            DestroyedAt = at,
        };
        await Insert(connection, owner, record, cancellationToken).ConfigureAwait(false);
        return ids;
    }

    private static string NewId() =>
        Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyIdBytes));

    private static async ValueTask<bool> ChangesOne(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
    }

    private static async ValueTask<IReadOnlyList<KeyRecord>> ReadAll(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var keys = new List<KeyRecord>();
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            keys.Add(new KeyRecord
            {
                Id = row.GetString(0),
                Owner = new KeyOwner(row.GetString(1), row.GetString(2), row.GetString(3)),
                State = (KeyState)row.GetInt16(4),
                Wrapped = row.GetFieldValue<byte[]>(5),
                MasterKeyId = row.GetString(6),
                CreatedAt = row.GetTime(7),
                DestroyedAt = row.FindTime(8),
            });
        }
        return keys;
    }
}
