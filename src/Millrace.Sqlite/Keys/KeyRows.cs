using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;

namespace Millrace.Sqlite.Keys;

/// <summary>Reads and writes the rows of keys.</summary>
internal static class KeyRows
{
    private const string Select = """
        SELECT k.id, k.tenant, k.subject, k.kind, k.state, k.master_key, k.created_at, k.destroyed_at, w.bytes, k.number
        FROM keys k JOIN wrapped_keys w USING (number)
        """;

    private const string ById = Select + " WHERE k.id = ?1";

    // An active key first, then a destroyed one.
    private const string Current =
        Select + " WHERE k.tenant = ?1 AND k.subject = ?2 AND k.kind = ?3 AND k.state <> 1 ORDER BY k.state LIMIT 1";

    private const string OfOwner = Select + " WHERE k.tenant = ?1 AND k.subject = ?2 AND k.kind = ?3";

    private const string OfSubject = Select + " WHERE k.tenant = ?1 AND k.subject = ?2";

    private const string Page = Select + """
         WHERE k.id > ?1 AND (?2 IS NULL OR k.tenant = ?2) AND (?3 IS NULL OR k.subject = ?3)
            AND (?4 IS NULL OR (k.state <> 2 AND k.master_key <> ?4))
        ORDER BY k.id LIMIT ?5
        """;

    // A row of another length can make SQLite move rows to other pages, and leave copies in unused parts of pages.
    private const string CountMove = """
        UPDATE header SET moves = moves + 1
        WHERE EXISTS (SELECT * FROM keys JOIN wrapped_keys USING (number) WHERE id = ?1 AND length(bytes) <> ?2)
        """;

    public static KeyStoreIdentity ReadIdentity(Connection connection)
    {
        var header = connection.Get("SELECT store_id, salt FROM header");
        var identity = header.Step()
            ? new KeyStoreIdentity(header.GetGuid(0), header.GetBytes(1).ToArray())
            : throw connection.Damaged("no identity");
        header.Reset();
        return identity;
    }

    public static IReadOnlyList<KeyRecord> Find(Connection connection, IReadOnlyCollection<string> ids)
    {
        var found = new List<KeyRecord>(ids.Count);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
            found.AddRange(ReadAll(connection.Get(ById).Bind(1, id)).Select(row => row.Key));
        return found;
    }

    public static KeyRecord? FindCurrent(Connection connection, KeyOwner owner)
    {
        var own = ReadAll(Bind(connection.Get(Current), owner));
        if (own.Count == 0 && owner.Subject.Length > 0)
            own = ReadAll(Bind(connection.Get(Current), owner with { Kind = KeyOwner.AllKinds }));
        return own.Count == 0 ? null : own[0].Key;
    }

    /// <summary>
    /// Returns all records of an owner. For <see cref="KeyOwner.AllKinds"/>, returns the records of all kinds.
    /// </summary>
    public static IReadOnlyList<(KeyRecord Key, long Number)> FindAll(Connection connection, KeyOwner owner) =>
        ReadAll(owner.Kind == KeyOwner.AllKinds
            ? connection.Get(OfSubject).Bind(1, owner.Tenant).Bind(2, owner.Subject)
            : Bind(connection.Get(OfOwner), owner));

    public static IReadOnlyList<KeyRecord> List(Connection connection, KeyQuery query) =>
    [
        .. ReadAll(connection.Get(Page)
            .Bind(1, query.After ?? "")
            .Bind(2, query.Tenant)
            .Bind(3, query.Subject)
            .Bind(4, query.ExceptMasterKeyId)
            .Bind(5, query.Limit))
            .Select(row => row.Key),
    ];

    public static KeyRecord Insert(Connection connection, KeyRecord key)
    {
        var insert = Bind(
            connection.Get("""
                INSERT INTO keys (tenant, subject, kind, id, state, master_key, created_at, destroyed_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                RETURNING number
                """),
            key.Owner);
        var number = insert
            .Bind(4, key.Id)
            .Bind(5, (long)key.State)
            .Bind(6, key.MasterKeyId)
            .Bind(7, StoredTime.ToMicroseconds(key.CreatedAt));
        if (key.DestroyedAt is { } destroyed)
            insert.Bind(8, StoredTime.ToMicroseconds(destroyed));
        else
            insert.BindNull(8);
        connection.Get("INSERT INTO wrapped_keys (number, bytes) VALUES (?1, ?2)")
            .Bind(1, number.Scalar())
            .Bind(2, key.Wrapped.Span)
            .Run();
        return key;
    }

    public static bool Retire(Connection connection, KeyOwner owner, string id)
    {
        Bind(
            connection.Get(
                "UPDATE keys SET state = 1 WHERE tenant = ?1 AND subject = ?2 AND kind = ?3 AND id = ?4 AND state = 0"),
            owner)
            .Bind(4, id)
            .Run();
        return connection.Changes == 1;
    }

    public static bool Rewrap(Connection connection, KeyRecord key, string formerMasterKeyId)
    {
        connection.Get("UPDATE keys SET master_key = ?1 WHERE id = ?2 AND master_key = ?3 AND state <> 2")
            .Bind(1, key.MasterKeyId)
            .Bind(2, key.Id)
            .Bind(3, formerMasterKeyId)
            .Run();
        if (connection.Changes == 0)
            return false;
        connection.Get(CountMove).Bind(1, key.Id).Bind(2, key.Wrapped.Length).Run();
        connection.Get("UPDATE wrapped_keys SET bytes = ?1 WHERE number = (SELECT number FROM keys WHERE id = ?2)")
            .Bind(1, key.Wrapped.Span)
            .Bind(2, key.Id)
            .Run();
        return true;
    }

    /// <summary>
    /// Marks a key as destroyed and overwrites its bytes with as many zeros, so that SQLite moves no row of the page.
    /// </summary>
    public static void Destroy(Connection connection, long number, DateTimeOffset at)
    {
        connection.Get("UPDATE wrapped_keys SET bytes = zeroblob(length(bytes)) WHERE number = ?1")
            .Bind(1, number)
            .Run();
        connection.Get("UPDATE keys SET state = 2, master_key = '', destroyed_at = ?1 WHERE number = ?2")
            .Bind(1, StoredTime.ToMicroseconds(at))
            .Bind(2, number)
            .Run();
    }

    private static Statement Bind(Statement statement, KeyOwner owner) =>
        statement.Bind(1, owner.Tenant).Bind(2, owner.Subject).Bind(3, owner.Kind);

    private static List<(KeyRecord Key, long Number)> ReadAll(Statement rows)
    {
        var keys = new List<(KeyRecord, long)>();
        while (rows.Step())
            keys.Add((Read(rows), rows.GetInt64(9)));
        rows.Reset();
        return keys;
    }

    private static KeyRecord Read(Statement row)
    {
        var state = (KeyState)row.GetInt64(4);
        return new KeyRecord
        {
            Id = row.GetText(0),
            Owner = new KeyOwner(row.GetText(1), row.GetText(2), row.GetText(3)),
            State = state,
            MasterKeyId = row.GetText(5),
            CreatedAt = StoredTime.FromMicroseconds(row.GetInt64(6)),
            DestroyedAt = row.FindInt64(7) is { } destroyed ? StoredTime.FromMicroseconds(destroyed) : null,
            Wrapped = state == KeyState.Destroyed ? default : row.GetBytes(8).ToArray(),
        };
    }
}
