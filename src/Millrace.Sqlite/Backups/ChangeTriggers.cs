using System.Globalization;
using System.Text;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage.Backups;

namespace Millrace.Sqlite.Backups;

/// <summary>The table with recorded changes, and the triggers that fill it.</summary>
/// <remarks>
/// Events of a request are written before its other changes, so that the last position in the log is that of the
/// request. Handled ids have their own position. Records contain the whole row, except those of removals, which never
/// change, and of large documents. Each KiB of a record increases its number by one, so that the first and the last
/// number show the size of the table.
/// </remarks>
internal static class ChangeTriggers
{
    /// <summary>The kind of the changes of documents.</summary>
    public const string DocumentRow = "documents";

    /// <summary>The kind of the changes of documents that are read when they are backed up.</summary>
    public const string DocumentKeyRow = "document_keys";

    /// <summary>The first column of the selected row of a document.</summary>
    public const int DocumentColumn = 5;

    /// <summary>The kind of the row that is written instead of the first change after the limit.</summary>
    public const string FullRow = "full";

    private const string Table = "backup_changes";
    private const string LimitTable = "backup_limit";
    private const string PartRow = "part";
    private const string FindTable = $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{Table}'";
    private const string FindLimit =
        $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{LimitTable}'";

    private const string FindTriggers =
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'backup\\_%' ESCAPE '\\'";
    private const string Span = $"coalesce((SELECT max(id) FROM {Table}) - (SELECT min(id) FROM {Table}), 0)";
    private const string Head = "(SELECT coalesce(max(position), 0) FROM events)";
    private const string HandledColumns = "a, b, c, body";
    private const string Handled = "NEW.scope, NEW.id, NEW.until, NEW.answer";
    private const string CountFields = $"SELECT count(*) FROM pragma_table_info('{Table}') WHERE name LIKE 'f%'";
    private const string FindFull = $"SELECT EXISTS (SELECT 1 FROM {Table} WHERE tbl = '{FullRow}')";

    // Nothing is recorded after the row that states that changes are missing, until the table has room again.
    private const string IsMarked = $"(SELECT tbl = '{FullRow}' FROM {Table} ORDER BY id DESC LIMIT 1)";

    private const string HasRoom = $"{Span} < (SELECT units FROM {LimitTable})";

    // Rows of the same statement have changed the table, but not its sequence yet.
    private const string LastNumber = $"max(coalesce((SELECT max(id) FROM {Table}), 0), "
        + $"coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{Table}'), 0))";

    // The columns from b on are those of a document. Columns for its fields are added when they are needed.
    private static readonly string Create = $"""
        CREATE TABLE IF NOT EXISTS {Table} (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            tbl TEXT NOT NULL,
            a NOT NULL,
            position INTEGER NOT NULL,
            e,
            b,
            c,
            d,
            body);
        CREATE TABLE IF NOT EXISTS {LimitTable} (units INTEGER NOT NULL);
        {Trigger("claims", "insert", "", "claims", "a, b, c", "NEW.scope, NEW.value, NEW.owner", Head)}
        {Trigger(
            "claims",
            "update",
            "WHEN NEW.owner <> OLD.owner",
            "claims",
            "a, b, c",
            "NEW.scope, NEW.value, NEW.owner",
            Head)}
        {Trigger("claims", "delete", "", "claims", "a, b", "OLD.scope, OLD.value", Head)}
        {Trigger("handled", "insert", "", "handled", HandledColumns, Handled, "NEW.position", "NEW.answer")}
        {Trigger("handled", "update", "", "handled", HandledColumns, Handled, "NEW.position", "NEW.answer")}
        {Trigger("removals", "insert", "", "removals", "a", "NEW.id", Head)}
        {Trigger(
            "streams",
            "update",
            "WHEN NEW.first_version <> OLD.first_version OR NEW.state <> OLD.state",
            "stream_bounds",
            "a, b, c",
            "NEW.name, NEW.first_version, NEW.state",
            Head)}
        """;

    /// <summary>Creates what is missing. Returns the last part if all later changes are recorded.</summary>
    public static string? Start(Connection connection, long maxBytes)
    {
        CreateAll(connection, maxBytes);
        if (IsFull(connection))
            connection.Execute($"DELETE FROM {Table}");
        return FindLastPart(connection);
    }

    /// <summary>Records the changes of a collection that was just created, if the store is backed up.</summary>
    public static void AddCollection(Connection connection, Collection collection)
    {
        if (connection.Get(FindTable).Scalar() == 0)
            return;
        // An application that is not backed up any more, or cannot reach the place, never starts to record again.
        if (connection.Get(FindLimit).Scalar() == 0)
            CreateAll(connection, IChangeRecorder.DefaultMaxBytes);
        RecordDocuments(connection, collection);
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
        DropTriggers(connection);
        connection.Execute($"DROP TABLE IF EXISTS {Table}; DROP TABLE IF EXISTS {LimitTable}");
    }

    /// <summary>
    /// Creates what is missing. Replaces the triggers of an earlier version, which had no limit in bytes.
    /// </summary>
    private static void CreateAll(Connection connection, long maxBytes)
    {
        if (connection.Get(FindLimit).Scalar() == 0)
            DropTriggers(connection);
        connection.Execute(Create);
        connection.Get($"DELETE FROM {LimitTable}").Run();
        connection
            .Get($"INSERT INTO {LimitTable} (units) VALUES (?1)")
            .Bind(1, maxBytes / IChangeRecorder.MinChangeBytes)
            .Run();
        foreach (var collection in Collections.List(connection))
            RecordDocuments(connection, collection);
    }

    private static void DropTriggers(Connection connection)
    {
        var names = new List<string>();
        var found = connection.Get(FindTriggers);
        while (found.Step())
            names.Add(found.GetText(0));
        found.Reset();
        connection.ForgetStatements();
        foreach (var name in names)
            connection.Execute($"DROP TRIGGER {name}");
    }

    /// <summary>Selects changes: number, kind, a, position, number of the collection, and the other columns.</summary>
    public static Statement Select(Connection connection, long after, int limit) =>
        connection
            .Get($"SELECT * FROM {Table} WHERE id > ?1 AND tbl <> '{PartRow}' ORDER BY id LIMIT ?2")
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

    private static void RecordDocuments(Connection connection, Collection collection)
    {
        var name = collection.Definition.Name;
        if (!IChangeRecorder.Records(name))
            return;
        var fields = Enumerable.Range(0, collection.Definition.Fields.Count).ToList();
        for (var i = connection.Get(CountFields).Scalar(); i < fields.Count; i++)
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {Table} ADD COLUMN f{i}"));
        var text = $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
        var identity = string.Create(CultureInfo.InvariantCulture, $"{text}, {collection.Number}");
        var (kind, columns, values, sized) = IChangeRecorder.RecordsKeys(name)
            ? (DocumentKeyRow, "a, e, b", $"{identity}, NEW.key", "''")
            : (DocumentRow,
                "a, e, b, c, d, body" + string.Concat(fields.Select(field => $", f{field}")),
                $"{identity}, NEW.key, NEW.version, NEW.position, NEW.body"
                    + string.Concat(fields.Select(field => $", NEW.f{field}")),
                "NEW.body");
        var script = new StringBuilder();
        script.AppendLine(Trigger(collection.Table, "insert", "", kind, columns, values, Head, sized));
        script.AppendLine(Trigger(collection.Table, "update", "", kind, columns, values, Head, sized));
        script.AppendLine(
            Trigger(collection.Table, "delete", "", DocumentRow, "a, e, b", $"{identity}, OLD.key", Head));
        connection.Execute(script.ToString());
    }

    private static string Trigger(
        string table,
        string operation,
        string condition,
        string kind,
        string columns,
        string values,
        string position,
        string sized = "''") => $"""
        CREATE TRIGGER IF NOT EXISTS backup_{table}_{operation}
            AFTER {operation.ToUpperInvariant()} ON {table} {condition} BEGIN
            INSERT INTO {Table} (id, tbl, position, {columns})
                SELECT {LastNumber} + 1 + coalesce(length({sized}), 0) / {IChangeRecorder.MinChangeBytes},
                    CASE WHEN {HasRoom} THEN '{kind}' ELSE '{FullRow}' END, {position}, {values}
                WHERE {HasRoom} OR NOT {IsMarked};
        END;
        """;

    private static bool IsFull(Connection connection) => connection.Get(FindFull).Scalar() != 0;
}
