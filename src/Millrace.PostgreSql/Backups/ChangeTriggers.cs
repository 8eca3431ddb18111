using System.Text;
using Millrace.PostgreSql.Schema;
using Millrace.Storage.Backups;

namespace Millrace.PostgreSql.Backups;

/// <summary>The table with recorded changes, and the triggers that fill it, once for each statement.</summary>
/// <remarks>
/// A commit writes its events before its other changes, so that the last position in the log is that of the
/// transaction. Handled ids have their own position, and are read when they are backed up.
/// </remarks>
internal sealed class ChangeTriggers(Tables tables)
{
    /// <summary>The kind of the row with the label of the last part.</summary>
    public const string PartRow = "part";

    private const string Claims = "'claims', scope, value, owner, NULL::text, ";
    private const string ReleasedClaims = "'claims', scope, value, NULL, NULL::text, ";
    private const string Handled = "'handled', scope, id, NULL, NULL::text, ";
    private const string Removals = "'removals', id::text, NULL, NULL, NULL::text, ";
    private const string Bounds = "'stream_bounds', stream, first_version::text, state::text, NULL::text, ";

    private static readonly string[] Names =
    [
        "claims_insert", "claims_update", "claims_delete", "handled_insert", "handled_update", "removals_insert",
        "stream_bounds_insert", "stream_bounds_update",
    ];

    /// <summary>The name of the table.</summary>
    public string Table { get; } = $"{tables.LogSchema}.backup_changes";

    /// <summary>The number of records between the first and the last, which limits the table.</summary>
    public string Span { get; } =
        $"(SELECT coalesce(max(id) - min(id), 0) FROM {tables.LogSchema}.backup_changes)";

    /// <summary>Returns true if the table and all triggers exist.</summary>
    public string AreComplete { get; } = $"""
        SELECT to_regclass('{tables.LogSchema}.backup_changes') IS NOT NULL AND {Names.Length} = (SELECT count(*)
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = to_regnamespace('{tables.LogSchema}')
                AND t.tgname IN ({string.Join(", ", Names.Select(name => $"'backup_{name}'"))}))
        """;

    private string Head { get; } = $"(SELECT coalesce(max(position), 0) FROM {tables.Events})";

    /// <summary>
    /// Returns scripts that create what is missing. Each needs a moment without writers to its table.
    /// </summary>
    public IEnumerable<string> Creation()
    {
        yield return $"""
            CREATE TABLE IF NOT EXISTS {Table} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                tbl text NOT NULL, a text NOT NULL, b text, c text, d text, position bigint NOT NULL);
            COMMENT ON TABLE {Table} IS 'Changes outside the log that were not backed up yet.';

            """;
        yield return Trigger("claims", "insert", "new_rows", Claims, Head);
        yield return Trigger("claims", "update", "new_rows", Claims, Head);
        yield return Trigger("claims", "delete", "old_rows", ReleasedClaims, Head);
        yield return Trigger("handled", "insert", "new_rows", Handled, "position");
        yield return Trigger("handled", "update", "new_rows", Handled, "position");
        yield return Trigger("removals", "insert", "new_rows", Removals, Head);
        yield return Trigger("stream_bounds", "insert", "new_rows", Bounds, Head);
        yield return Trigger("stream_bounds", "update", "new_rows", Bounds, Head);
    }

    /// <summary>Returns the script that allows a role to read and remove changes.</summary>
    public string Grants(string role) =>
        $"GRANT SELECT, INSERT, DELETE, TRUNCATE ON {Table} TO {role};";

    /// <summary>Returns the script that removes everything.</summary>
    public string Removal()
    {
        var script = new StringBuilder();
        foreach (var name in Names)
            script.AppendLine($"DROP FUNCTION IF EXISTS {tables.LogSchema}.backup_{name}() CASCADE;");
        return script.AppendLine($"DROP TABLE IF EXISTS {Table};").ToString();
    }

    private string Trigger(string table, string operation, string rows, string columns, string position) => $"""
        CREATE OR REPLACE FUNCTION {tables.LogSchema}.backup_{table}_{operation}() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER AS $body$
        BEGIN
            IF {Span} < {IChangeRecorder.MaxChanges - 1} THEN
                INSERT INTO {Table} (tbl, a, b, c, d, position) SELECT {columns}{position} FROM {rows};
            END IF;
            RETURN NULL;
        END
        $body$;
        DO $trigger$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_trigger
                WHERE tgrelid = '{tables.LogSchema}.{table}'::regclass AND tgname = 'backup_{table}_{operation}') THEN
                CREATE TRIGGER backup_{table}_{operation}
                    AFTER {operation.ToUpperInvariant()} ON {tables.LogSchema}.{table}
                    REFERENCING {(rows == "old_rows" ? "OLD" : "NEW")} TABLE AS {rows}
                    FOR EACH STATEMENT EXECUTE FUNCTION {tables.LogSchema}.backup_{table}_{operation}();
            END IF;
        END $trigger$;

        """;
}
