using System.Text;
using Millrace.PostgreSql.Schema;
using Millrace.Storage.Backups;

namespace Millrace.PostgreSql.Backups;

/// <summary>The table with recorded changes, and the triggers that fill it, once for each statement.</summary>
/// <remarks>
/// A commit writes its events before its other changes, so that the last position in the log is that of the
/// transaction. Handled ids have their own position. Records contain the whole row, except those of removals, which
/// never change, and of large documents. Each KiB of a record uses a number before its own, so that the last number and
/// the last one that was removed show the size of the changes that wait. The size of the table would include removed
/// rows, which remain while a transaction is open that can see them.
/// </remarks>
internal sealed class ChangeTriggers(Tables tables)
{
    /// <summary>The kind of the row with the label of the last part.</summary>
    public const string PartRow = "part";

    /// <summary>The kind of the changes of documents.</summary>
    public const string DocumentRow = "documents";

    /// <summary>The kind of the changes of documents that are read when they are backed up.</summary>
    public const string DocumentKeyRow = "document_keys";

    /// <summary>The kind of the row that is written instead of the first change after the limit.</summary>
    public const string FullRow = "full";

    private const string Description = "Changes outside the log that were not backed up yet (version 2).";
    private const string NoRow = "NULL::bytea, NULL::jsonb, ";
    private const string Claims = $"'claims', scope, value, owner, NULL::text, {NoRow}";
    private const string ReleasedClaims = $"'claims', scope, value, NULL, NULL::text, {NoRow}";
    private const string Removals = $"'removals', id::text, NULL, NULL, NULL::text, {NoRow}";
    private const string Bounds =
        $"'stream_bounds', stream, first_version::text, state::text, NULL::text, {NoRow}";
    private const string RemovedDocuments = $"'{DocumentRow}', TG_ARGV[0], key, NULL, NULL::text, {NoRow}";

    private const string Handled = "'handled', scope, id, CASE WHEN isfinite(until) "
        + "THEN (extract(epoch FROM until) * 1000000)::bigint ELSE 253402300799999999 END::text, NULL::text, answer, "
        + "NULL::jsonb, ";

    private const string Documents = $"TG_ARGV[1], TG_ARGV[0], key, TG_TABLE_NAME::text, NULL::text, "
        + $"CASE TG_ARGV[1] WHEN '{DocumentRow}' THEN body END, "
        + $"CASE TG_ARGV[1] WHEN '{DocumentRow}' THEN to_jsonb(r) - 'body' END, ";

    private static readonly string[] DocumentNames = ["documents_insert", "documents_update", "documents_delete"];

    private static readonly string[] Names =
    [
        "claims_insert", "claims_update", "claims_delete", "handled_insert", "handled_update", "removals_insert",
        "stream_bounds_insert", "stream_bounds_update",
    ];

    /// <summary>The name of the table.</summary>
    public string Table { get; } = $"{tables.LogSchema}.backup_changes";

    /// <summary>
    /// The sequence whose value is the last number that was removed. The least number in the table would be found after
    /// all removed rows, which remain while a transaction is open that can see them.
    /// </summary>
    public string Removed { get; } = $"{tables.LogSchema}.backup_changes_removed";

    /// <summary>The sequence whose value is the maximum size of the changes that wait, in bytes.</summary>
    public string Limit { get; } = $"{tables.LogSchema}.backup_changes_limit";

    /// <summary>The sequence of the numbers.</summary>
    public string Numbers { get; } = $"{tables.LogSchema}.backup_changes_id_seq";

    /// <summary>The number of numbers since the last removed record.</summary>
    private string Span => $"((SELECT last_value FROM {Numbers}) - (SELECT last_value FROM {Removed}))";

    /// <summary>
    /// Returns true if the table and all triggers exist. The last script of <see cref="Creation"/> describes the table,
    /// so that functions of an earlier version are found.
    /// </summary>
    public string AreComplete { get; } = $"""
        SELECT coalesce(obj_description(to_regclass('{tables.LogSchema}.backup_changes'), 'pg_class'), '')
                = '{Description}'
            AND to_regproc('{tables.LogSchema}.backup_documents_delete') IS NOT NULL
            AND {Names.Length} = (SELECT count(*)
                FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                WHERE c.relnamespace = to_regnamespace('{tables.LogSchema}')
                    AND t.tgname IN ({string.Join(", ", Names.Select(name => $"'backup_{name}'"))}))
        """;

    /// <summary>Returns true if the triggers of all collections exist.</summary>
    public string AreCollectionsComplete => $"""
        SELECT NOT EXISTS (SELECT FROM {tables.Collections} WHERE {IsRecorded} AND {HasNoTrigger})
        """;

    /// <summary>Returns true if changes of documents are recorded.</summary>
    public string RecordsDocuments { get; } =
        $"SELECT to_regproc('{tables.LogSchema}.backup_documents_delete') IS NOT NULL";

    /// <summary>Returns true if the table has a row that states that changes are missing.</summary>
    public string HasFullRow { get; } =
        $"SELECT EXISTS (SELECT FROM {tables.LogSchema}.backup_changes WHERE tbl = '{FullRow}')";

    /// <summary>Removes all rows with a part but the last one, and returns how many.</summary>
    public string RemoveFormerParts { get; } = $"""
        WITH former AS (DELETE FROM {tables.LogSchema}.backup_changes WHERE tbl = '{PartRow}'
            AND id < (SELECT max(id) FROM {tables.LogSchema}.backup_changes WHERE tbl = '{PartRow}') RETURNING id)
        SELECT count(*) FROM former
        """;

    private string DocumentTable { get; } = $"to_regclass('{tables.DocumentSchema}.doc_' || id)";

    private string HasNoTrigger => $"""
        {DocumentTable} IS NOT NULL AND NOT EXISTS (SELECT FROM pg_trigger
            WHERE tgrelid = {DocumentTable} AND tgname = 'backup_documents_delete')
        """;

    // As IChangeRecorder.Records decides.
    private static string IsRecorded { get; } =
        "strpos(name, '@') = 0 AND regexp_replace(name, '^.*/', '') NOT IN ("
        + string.Join(", ", IChangeRecorder.OtherCollections.Select(name => $"'{name}'")) + ")";

    // As IChangeRecorder.RecordsKeys decides.
    private static string Kind { get; } =
        $"CASE WHEN regexp_replace(name, '^.*/', '') = '{IChangeRecorder.LargeCollection}' THEN '{DocumentKeyRow}' "
        + $"ELSE '{DocumentRow}' END";

    private string Head { get; } = $"(SELECT coalesce(max(position), 0) FROM {tables.Events})";

    /// <summary>
    /// Returns scripts that create what is missing. Each needs a moment without writers to its table.
    /// </summary>
    public IEnumerable<string> Creation()
    {
        yield return $"""
            CREATE TABLE IF NOT EXISTS {Table} (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                tbl text NOT NULL, a text NOT NULL, b text, c text, d text, position bigint NOT NULL,
                body bytea, fields jsonb);
            CREATE SEQUENCE IF NOT EXISTS {Removed} MINVALUE 0 START 0 OWNED BY {Table}.id;
            CREATE SEQUENCE IF NOT EXISTS {Limit} START {IChangeRecorder.DefaultMaxBytes} OWNED BY {Table}.id;
            DO $removed$ BEGIN
                PERFORM setval('{Removed}', greatest((SELECT last_value FROM {Removed}),
                    coalesce((SELECT min(id) - 1 FROM {Table}),
                        (SELECT last_value - (NOT is_called)::int FROM {Numbers}))));
            END $removed$;

            """;
        yield return Trigger("claims", "insert", "new_rows", Claims, Head);
        yield return Trigger("claims", "update", "new_rows", Claims, Head);
        yield return Trigger("claims", "delete", "old_rows", ReleasedClaims, Head);
        yield return Trigger("handled", "insert", "new_rows", Handled, "position");
        yield return Trigger("handled", "update", "new_rows", Handled, "position");
        yield return Trigger("removals", "insert", "new_rows", Removals, Head);
        yield return Trigger("stream_bounds", "insert", "new_rows", Bounds, Head);
        yield return Trigger("stream_bounds", "update", "new_rows", Bounds, Head);
        yield return Function("documents_insert", "new_rows", Documents, Head)
            + Function("documents_update", "new_rows", Documents, Head)
            + Function("documents_delete", "old_rows", RemovedDocuments, Head)
            + $"COMMENT ON TABLE {Table} IS '{Description}';\n";
    }

    /// <summary>
    /// The script that waits for transactions that create collections. A later one finds the functions and creates its
    /// own triggers.
    /// </summary>
    public string WaitForCollections { get; } = $"LOCK TABLE {tables.Collections} IN SHARE MODE;";

    /// <summary>Selects the names of the collections without triggers.</summary>
    public string CollectionsWithoutTriggers =>
        $"SELECT name FROM {tables.Collections} WHERE {IsRecorded} AND {HasNoTrigger} ORDER BY name";

    /// <summary>
    /// Returns the script that creates the triggers of all collections. It locks their tables until the end of the
    /// transaction, and is for a role that runs it once.
    /// </summary>
    public string CollectionTriggers() => $"{WaitForCollections}\n" + CollectionTriggers("true");

    /// <summary>Returns the script that creates the missing triggers of one collection.</summary>
    public string TriggersOf(string collection) =>
        CollectionTriggers($"name = '{collection.Replace("'", "''", StringComparison.Ordinal)}'");

    /// <summary>Returns the script that allows a role to read and remove changes.</summary>
    public string Grants(string role) =>
        $"GRANT SELECT, INSERT, DELETE, TRUNCATE ON {Table} TO {role}; GRANT SELECT ON SEQUENCE {Numbers} TO {role}; "
            + $"GRANT SELECT, UPDATE ON SEQUENCE {Removed}, {Limit} TO {role};";

    /// <summary>Returns the script that removes everything.</summary>
    public string Removal()
    {
        var script = new StringBuilder();
        foreach (var name in Names.Concat(DocumentNames))
            script.AppendLine($"DROP FUNCTION IF EXISTS {tables.LogSchema}.backup_{name}() CASCADE;");
        return script.AppendLine($"DROP TABLE IF EXISTS {Table};").ToString();
    }

    private string CollectionTriggers(string condition) => $"""
        DO $collections$ DECLARE
            known record;
        BEGIN
            FOR known IN SELECT name, {DocumentTable} AS documents, {Kind} AS kind FROM {tables.Collections}
                WHERE {condition} AND {IsRecorded} AND {HasNoTrigger}
                    AND has_table_privilege({DocumentTable}::oid, 'TRIGGER')
            LOOP
                {DocumentTrigger("insert", "new_rows")}
                {DocumentTrigger("update", "new_rows")}
                {DocumentTrigger("delete", "old_rows")}
            END LOOP;
        END $collections$;

        """;

    private string Trigger(string table, string operation, string rows, string columns, string position) =>
        Function($"{table}_{operation}", rows, columns, position) + $"""
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

    // The search path is fixed, because the function has the rights of its owner.
    private string Function(string name, string rows, string columns, string position) => $"""
        CREATE OR REPLACE FUNCTION {tables.LogSchema}.backup_{name}() RETURNS trigger
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
        BEGIN
            IF {Span} < (SELECT last_value FROM {Limit}) / {IChangeRecorder.MinChangeBytes} THEN
                {Count(columns, rows)}
                INSERT INTO {Table} (tbl, a, b, c, d, body, fields, position)
                    SELECT {columns}{position} FROM {rows} AS r;
            ELSIF coalesce((SELECT tbl <> '{FullRow}' FROM {Table} ORDER BY id DESC LIMIT 1), true) THEN
                INSERT INTO {Table} (tbl, a, position) VALUES ('{FullRow}', '', 0);
            END IF;
            RETURN NULL;
        END
        $body$;

        """;

    /// <summary>
    /// Returns the statement that uses a number for each KiB of the rows. Setting the number would need a lock.
    /// </summary>
    private string Count(string columns, string rows) => columns switch
    {
        Handled => CountOf("answer", rows),
        Documents => $"IF TG_ARGV[1] = '{DocumentRow}' THEN {CountOf("body", rows)} END IF;",
        _ => "",
    };

    private string CountOf(string column, string rows) =>
        $"PERFORM nextval('{Numbers}') FROM generate_series(1, "
            + $"(SELECT coalesce(sum(octet_length(r.{column})), 0) / {IChangeRecorder.MinChangeBytes} "
            + $"FROM {rows} AS r));";

    private string DocumentTrigger(string operation, string rows) => $"""
        EXECUTE format('CREATE TRIGGER backup_documents_{operation} AFTER {operation.ToUpperInvariant()} ON %s '
                'REFERENCING {(rows == "old_rows" ? "OLD" : "NEW")} TABLE AS {rows} FOR EACH STATEMENT '
                'EXECUTE FUNCTION {tables.LogSchema}.backup_documents_{operation}(%L, %L)', known.documents, known.name, known.kind);
        """;
}
