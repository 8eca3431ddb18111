using System.Text;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Moves;

/// <summary>
/// The table with the role of a store in a move, and the triggers that use it. On a source, the triggers record what is
/// written. On a target or a moved store, they refuse all writes except those of the mover.
/// </summary>
/// <remarks>
/// A store outside a move has no such triggers, and no cost. The triggers also apply to programs of older versions.
/// </remarks>
internal sealed class MoveTriggers(Tables tables)
{
    private const string MovedState = "MV001";
    private const string FillingState = "MV002";

    private readonly string[] _guarded =
    [
        tables.Header,
        tables.Events,
        tables.StreamBounds,
        tables.Removals,
        tables.Claims,
        tables.Handled,
        tables.Consumers,
        tables.PausedConsumers,
        tables.DeadLetters,
        tables.Collections,
        tables.ReadModels,
        tables.RetiredCollections,
        tables.Nodes,
    ];

    /// <summary>The tables of the store itself and of a move.</summary>
    public IEnumerable<string> Own => [.. _guarded, Move, Notes, $"{tables.LogSchema}.backup_changes"];

    public string Move { get; } = $"{tables.LogSchema}.move";

    public string Notes { get; } = $"{tables.LogSchema}.move_notes";

    /// <summary>
    /// Returns why a store is closed to applications if a trigger refused the write; null for any other failure.
    /// </summary>
    public static StorageException? FindRefusal(PostgresException known, string description) => known.SqlState switch
    {
        MovedState => MoveRefusal.Of(description, MoveRole.Moved, known.MessageText),
        FillingState => MoveRefusal.Of(description, MoveRole.Target, known.MessageText),
        _ => null,
    };

    /// <summary>Returns true if a trigger refused the write because the store was moved.</summary>
    public static bool IsMoved(PostgresException known) => known.SqlState == MovedState;

    public static string NameOf(MoveRole role) => role switch
    {
        MoveRole.Source => "source",
        MoveRole.Target => "target",
        MoveRole.Complete => "complete",
        _ => "moved",
    };

    public static MoveRole RoleOf(string name) => name switch
    {
        "source" => MoveRole.Source,
        "target" => MoveRole.Target,
        "complete" => MoveRole.Complete,
        _ => MoveRole.Moved,
    };

    /// <summary>Returns the script for the table and the functions, which runs before the triggers.</summary>
    public string Preparation()
    {
        var script = new StringBuilder($"""
            CREATE TABLE IF NOT EXISTS {Move} (
                id integer PRIMARY KEY CHECK (id = 1), role text NOT NULL, other text NOT NULL, passing boolean NOT NULL DEFAULT false);
            COMMENT ON TABLE {Move} IS 'What this store is in a move (source, target, complete, moved), and the other place.';
            GRANT SELECT ON {Move} TO PUBLIC;
            CREATE TABLE IF NOT EXISTS {Notes} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tbl text NOT NULL, a text NOT NULL, b text);
            COMMENT ON TABLE {Notes} IS 'Rows that were written while the store is being moved, by table and key.';
            CREATE OR REPLACE FUNCTION {tables.LogSchema}.move_guard() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            DECLARE
                known record;
            BEGIN
                SELECT role, other, passing INTO known FROM {Move};
                IF known.role <> 'source' AND NOT known.passing THEN
                    RAISE EXCEPTION USING MESSAGE = known.other,
                        ERRCODE = CASE known.role WHEN 'moved' THEN '{MovedState}' ELSE '{FillingState}' END;
                END IF;
                RETURN NULL;
            END
            $body$;

            """);
        foreach (var table in MovedTables.All)
        {
            var first = table.Columns[0].Name;
            var second = table.KeyColumns > 1 ? table.Columns[1].Name : null;
            script.AppendLine(NoteFunction(table.Name, $"'{table.Name}'", first, second));
        }
        script.AppendLine(NoteFunction("events", "'events'", "position", null));
        script.AppendLine(NoteFunction("documents", "TG_TABLE_NAME", "key", null));
        return script.ToString();
    }

    /// <summary>
    /// Returns a script for the triggers of each table. Each script needs a moment without writers to its table.
    /// </summary>
    public IEnumerable<string> Triggers(IEnumerable<Collection> collections)
    {
        foreach (var table in _guarded)
            yield return GuardTrigger(table);
        foreach (var table in MovedTables.All)
            yield return NoteTrigger($"{tables.LogSchema}.{table.Name}", table.Name, "INSERT OR UPDATE OR DELETE");
        yield return NoteTrigger(tables.Events, "events", "DELETE");
        foreach (var collection in collections)
            yield return TriggersOf(collection);
    }

    /// <summary>
    /// Returns the statements that wait for current writers, table by table. A trigger records nothing for a
    /// transaction that does not see the move yet; later transactions see it.
    /// </summary>
    public IEnumerable<string> Waits(IEnumerable<Collection> collections) =>
        _guarded
            .Concat(collections.Select(collection => collection.Table))
            .Select(table => $"LOCK TABLE {table} IN SHARE MODE;");

    /// <summary>Returns the triggers of a collection.</summary>
    public string TriggersOf(Collection collection) =>
        GuardTrigger(collection.Table) + NoteTrigger(collection.Table, "documents", "INSERT OR UPDATE OR DELETE");

    /// <summary>Returns the script that removes everything.</summary>
    public string Removal()
    {
        var script = new StringBuilder();
        foreach (var name in MovedTables.All.Select(table => table.Name).Concat(["events", "documents"]))
            script.AppendLine($"DROP FUNCTION IF EXISTS {tables.LogSchema}.move_note_{name}() CASCADE;");
        return script.AppendLine($"DROP FUNCTION IF EXISTS {tables.LogSchema}.move_guard() CASCADE;")
            .AppendLine($"DROP TABLE IF EXISTS {Notes}; DROP TABLE IF EXISTS {Move};").ToString();
    }

    private string NoteFunction(string name, string noted, string key, string? secondKey)
    {
        var second = (string row) => secondKey is null ? "NULL" : $"{row}.{secondKey}::text";
        return $"""
            CREATE OR REPLACE FUNCTION {tables.LogSchema}.move_note_{name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
                SET search_path = pg_catalog, pg_temp AS $body$
            BEGIN
                IF NOT EXISTS (SELECT FROM {Move} WHERE role = 'source') THEN
                    RETURN NULL;
                END IF;
                IF TG_OP = 'DELETE' THEN
                    INSERT INTO {Notes} (tbl, a, b) VALUES ({noted}, OLD.{key}::text, {second("OLD")});
                ELSE
                    INSERT INTO {Notes} (tbl, a, b) VALUES ({noted}, NEW.{key}::text, {second("NEW")});
                END IF;
                RETURN NULL;
            END
            $body$;
            """;
    }

    private string GuardTrigger(string table) =>
        Trigger(
            table,
            "move_guard",
            $"BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION "
                + $"{tables.LogSchema}.move_guard()"
        );

    private string NoteTrigger(string table, string name, string operations) =>
        Trigger(
            table,
            "move_note",
            $"AFTER {operations} ON {table} FOR EACH ROW EXECUTE FUNCTION {tables.LogSchema}.move_note_{name}()");

    private static string Trigger(string table, string name, string body) => $"""
        DO $trigger$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND tgname = '{name}') THEN
                CREATE TRIGGER {name} {body};
            END IF;
        END $trigger$;

        """;
}
