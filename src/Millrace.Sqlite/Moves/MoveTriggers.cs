using System.Text;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Moves;

/// <summary>
/// The table with the role of a store in a move, and the triggers that use it. On a source, the triggers record what is
/// written. On a target or a moved store, they refuse all writes except those of the mover.
/// </summary>
/// <remarks>
/// A store outside a move has no such triggers, and no cost. The triggers also apply to programs of older versions.
/// </remarks>
internal static class MoveTriggers
{
    /// <summary>The trigger's error text, which is translated into a message.</summary>
    public const string Refusal = "millrace move";

    private const string CreateTables = """
        CREATE TABLE IF NOT EXISTS move (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            role TEXT NOT NULL,
            other TEXT NOT NULL,
            passing INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS move_notes (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tbl TEXT NOT NULL,
            a NOT NULL,
            b);
        """;
    private const string FindTable = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'move'";
    private const string FindRole = "SELECT role, other FROM move";
    private const string FindNamed =
        "SELECT type, name FROM sqlite_master WHERE name LIKE 'move\\_%' ESCAPE '\\' AND type = 'trigger'";
    private const string IsClosed = "(SELECT role <> 'source' AND passing = 0 FROM move)";
    private const string IsNoting = "(SELECT role = 'source' FROM move)";

    private static readonly string[] Operations = ["INSERT", "UPDATE", "DELETE"];

    /// <summary>All tables that are written directly.</summary>
    private static readonly string[] Guarded =
    [
        "header",
        "events",
        "streams",
        "removals",
        "claims",
        "handled",
        "consumers",
        "paused_consumers",
        "dead_letters",
        "collections",
        "read_models",
        "retired_collections",
        "nodes",
    ];

    /// <summary>The tables of the store itself and of a move.</summary>
    public static IReadOnlyList<string> Own { get; } =
        [.. Guarded, "names", "event_tags", "move", "move_notes", "backup_changes", "backup_limit"];

    /// <summary>Returns the store's role in a move, and the other store.</summary>
    public static (MoveRole Role, string Other) Find(Connection connection)
    {
        if (connection.Get(FindTable).Scalar() == 0)
            return (MoveRole.None, "");
        var statement = connection.Get(FindRole);
        var found = statement.Step() ? (RoleOf(statement.GetText(0)), statement.GetText(1)) : (MoveRole.None, "");
        statement.Reset();
        return found;
    }

    /// <summary>Returns why the store is closed to applications; null if it is open.</summary>
    public static StorageException? FindRefusal(Connection connection)
    {
        var (role, other) = Find(connection);
        return MoveRefusal.Of($"SQLite store '{connection.Path}'", role, other);
    }

    /// <summary>Creates the missing tables and triggers, in the caller's transaction.</summary>
    public static void Install(Connection connection)
    {
        connection.Execute(CreateTables);
        var script = new StringBuilder();
        foreach (var table in Guarded)
            AddGuard(script, table);
        foreach (var table in MovedTables.All)
        {
            if (table != MovedTables.StreamBounds)
                AddNotes(
                    script, table.Name, table.Columns[0].Name, table.KeyColumns > 1 ? table.Columns[1].Name : null);
        }
        AddNote(script, "events", "DELETE", "events", "position", null);
        AddNote(script, "streams", "UPDATE", MovedTables.StreamBounds.Name, "name", null);
        connection.Execute(script.ToString());
        foreach (var collection in Collections.List(connection))
            Install(connection, collection);
    }

    /// <summary>Returns true if writes to a collection are recorded.</summary>
    public static bool IsNoted(Connection connection, Collection collection) =>
        connection.Get("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = ?1")
            .Bind(1, $"move_note_{collection.Table}_INSERT").Scalar() > 0;

    /// <summary>Creates the triggers of a collection.</summary>
    public static void Install(Connection connection, Collection collection)
    {
        var script = new StringBuilder();
        AddGuard(script, collection.Table);
        AddNotes(script, collection.Table, "key", null);
        connection.Execute(script.ToString());
    }

    /// <summary>Removes all tables and triggers of the move, in the caller's transaction.</summary>
    public static void Remove(Connection connection)
    {
        var names = new List<string>();
        var statement = connection.Get(FindNamed);
        while (statement.Step())
            names.Add(statement.GetText(1));
        statement.Reset();
        connection.ForgetStatements();
        foreach (var name in names)
            connection.Execute($"DROP TRIGGER {name}");
        connection.Execute("DROP TABLE IF EXISTS move; DROP TABLE IF EXISTS move_notes;");
    }

    public static string NameOf(MoveRole role) => role switch
    {
        MoveRole.Source => "source",
        MoveRole.Target => "target",
        MoveRole.Complete => "complete",
        _ => "moved",
    };

    private static MoveRole RoleOf(string name) => name switch
    {
        "source" => MoveRole.Source,
        "target" => MoveRole.Target,
        "complete" => MoveRole.Complete,
        _ => MoveRole.Moved,
    };

    private static void AddGuard(StringBuilder script, string table)
    {
        foreach (var operation in Operations)
        {
            script.AppendLine(
                $"CREATE TRIGGER IF NOT EXISTS move_guard_{table}_{operation} BEFORE {operation} ON {table} WHEN "
                    + $"{IsClosed} "
                + $"BEGIN SELECT RAISE(ABORT, '{Refusal}'); END;");
        }
    }

    private static void AddNotes(StringBuilder script, string table, string key, string? secondKey)
    {
        foreach (var operation in Operations)
            AddNote(script, table, operation, table, key, secondKey);
    }

    private static void AddNote(
        StringBuilder script, string table, string operation, string noted, string key, string? secondKey)
    {
        var row = operation == "DELETE" ? "OLD" : "NEW";
        var second = secondKey is null ? "NULL" : $"{row}.{secondKey}";
        script.AppendLine(
            $"CREATE TRIGGER IF NOT EXISTS move_note_{table}_{operation} AFTER {operation} ON {table} WHEN {IsNoting} "
            + $"BEGIN INSERT INTO move_notes (tbl, a, b) VALUES ('{noted}', {row}.{key}, {second}); END;");
    }
}
