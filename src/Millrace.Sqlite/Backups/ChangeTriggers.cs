using System.Globalization;
using Millrace.Sqlite.Driver;
using Millrace.Storage.Backups;

namespace Millrace.Sqlite.Backups;

/// <summary>The table with recorded changes, and the triggers that fill it.</summary>
/// <remarks>
/// Events of a request are written before its other changes, so that the last position in the log is that of the
/// request. Handled ids have their own position, and are read when they are backed up.
/// </remarks>
internal static class ChangeTriggers
{
    private const string Table = "backup_changes";
    private const string PartRow = "part";
    private const string FindTable = $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{Table}'";
    private const string Span = $"coalesce((SELECT max(id) FROM {Table}) - (SELECT min(id) FROM {Table}), 0)";
    private const string Head = "(SELECT coalesce(max(position), 0) FROM events)";

    private static readonly string[] Names =
    [
        "claims_insert", "claims_update", "claims_delete", "handled_insert", "handled_update", "removals_insert",
        "streams_update",
    ];

    private static readonly string HasRoom = string.Create(
        CultureInfo.InvariantCulture, $"{Span} < {IChangeRecorder.MaxChanges - 1}");

    private static readonly string Create = $"""
        CREATE TABLE IF NOT EXISTS {Table} (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tbl TEXT NOT NULL,
            a NOT NULL,
            b,
            c,
            position INTEGER NOT NULL);
        CREATE TRIGGER IF NOT EXISTS backup_claims_insert AFTER INSERT ON claims WHEN {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, b, c, position) VALUES ('claims', NEW.scope, NEW.value, NEW.owner, {Head}); END;
        CREATE TRIGGER IF NOT EXISTS backup_claims_update AFTER UPDATE ON claims WHEN NEW.owner <> OLD.owner AND {HasRoom}
        BEGIN
            INSERT INTO {Table} (tbl, a, b, c, position) VALUES ('claims', NEW.scope, NEW.value, NEW.owner, {Head}); END;
        CREATE TRIGGER IF NOT EXISTS backup_claims_delete AFTER DELETE ON claims WHEN {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, b, c, position) VALUES ('claims', OLD.scope, OLD.value, NULL, {Head}); END;
        CREATE TRIGGER IF NOT EXISTS backup_handled_insert AFTER INSERT ON handled WHEN {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, b, position) VALUES ('handled', NEW.scope, NEW.id, NEW.position); END;
        CREATE TRIGGER IF NOT EXISTS backup_handled_update AFTER UPDATE ON handled WHEN {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, b, position) VALUES ('handled', NEW.scope, NEW.id, NEW.position); END;
        CREATE TRIGGER IF NOT EXISTS backup_removals_insert AFTER INSERT ON removals WHEN {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, position) VALUES ('removals', NEW.id, {Head}); END;
        CREATE TRIGGER IF NOT EXISTS backup_streams_update AFTER UPDATE ON streams
            WHEN (NEW.first_version <> OLD.first_version OR NEW.state <> OLD.state) AND {HasRoom} BEGIN
            INSERT INTO {Table} (tbl, a, b, c, position)
                VALUES ('stream_bounds', NEW.name, NEW.first_version, NEW.state, {Head}); END;
        """;

    /// <summary>Creates what is missing. Returns the last part if all later changes are recorded.</summary>
    public static string? Start(Connection connection)
    {
        connection.Execute(Create);
        if (IsFull(connection))
            connection.Execute($"DELETE FROM {Table}");
        return FindLastPart(connection);
    }

    public static string? FindLastPart(Connection connection)
    {
        if (connection.Get(FindTable).Scalar() == 0 || IsFull(connection))
            return null;
        var row = connection.Get($"SELECT a FROM {Table} WHERE tbl = '{PartRow}'");
        var part = row.Step() ? row.GetText(0) : null;
        row.Reset();
        return part;
    }

    public static void Stop(Connection connection)
    {
        connection.ForgetStatements();
        foreach (var name in Names)
            connection.Execute($"DROP TRIGGER IF EXISTS backup_{name}");
        connection.Execute($"DROP TABLE IF EXISTS {Table}");
    }

    public static Statement Select(Connection connection, long after, int limit) =>
        connection
            .Get($"""
                SELECT id, tbl, a, b, c, position FROM {Table} WHERE id > ?1 AND tbl <> '{PartRow}' ORDER BY id LIMIT ?2
                """)
            .Bind(1, after)
            .Bind(2, limit);

    public static void Remove(Connection connection, long number) =>
        connection.Get($"DELETE FROM {Table} WHERE id = ?1").Bind(1, number).Run();

    /// <summary>Notes the last part in a row of the table, which is always among the newest.</summary>
    public static void NotePart(Connection connection, string part)
    {
        connection.Get($"DELETE FROM {Table} WHERE tbl = '{PartRow}'").Run();
        connection
            .Get($"INSERT INTO {Table} (tbl, a, position) VALUES ('{PartRow}', ?1, 0)")
            .Bind(1, part)
            .Run();
    }

    private static bool IsFull(Connection connection) =>
        connection.Get($"SELECT {Span}").Scalar() >= IChangeRecorder.MaxChanges - 1;
}
