using System.Text;
using Millrace.PostgreSql.Backups;
using Millrace.PostgreSql.Schema;

namespace Millrace.PostgreSql;

/// <summary>
/// The schema of a store as SQL, for databases in which the application's role may not create tables.
/// </summary>
public static class PostgreSqlSchema
{
    private const string WaitForLog = "10s";
    private const string WaitForTables = "1s"; // Under the log's lock, so that all appends wait meanwhile.
    private const string WaitForLogTable = "250ms"; // All reads and appends wait behind it.
    private const string WaitForOldTransactions = "10min"; // No session waits behind a build.

    /// <summary>Gets the schema version that this version of Millrace writes.</summary>
    public static int Version => StoreSchema.Version;

    /// <summary>
    /// Returns the statements that create a store or bring it up to date. They run in one transaction, and are safe to
    /// run again and on several nodes at once. Run them as the role that is to own the log. If another session holds a
    /// lock for too long, the script fails without changes: run it again.
    /// </summary>
    /// <remarks>
    /// A log with events may still lack indexes afterwards. <see cref="IndexStatements"/> creates them.
    /// </remarks>
    /// <param name="options">The options with the schema names; other options are ignored. Null for the
    /// defaults.</param>
    /// <param name="applicationRole">The role that applications connect as. It is granted its rights, and owns the
    /// schema of documents. Null if the owner of the log runs the application.</param>
    /// <exception cref="ArgumentException">A schema name is invalid.</exception>
    public static string Script(PostgreSqlOptions? options = null, string? applicationRole = null)
    {
        var tables = NamesOf(options ?? new PostgreSqlOptions());
        var (lockClass, lockKey) = tables.LogLock;
        var script = new StringBuilder()
            .AppendLine("BEGIN;")
            .AppendLine($"SET LOCAL lock_timeout = '{WaitForLog}';")
            .AppendLine($"SELECT pg_advisory_xact_lock({lockClass}, {lockKey});")
            .AppendLine($"SET LOCAL lock_timeout = '{WaitForTables}';")
            .AppendLine($"CREATE SCHEMA IF NOT EXISTS {tables.LogSchema};");
        script.AppendLine("DO $migrate$").AppendLine("DECLARE known integer := 0;").AppendLine("BEGIN");
        script.AppendLine($"IF to_regclass('{tables.Header}') IS NOT NULL THEN")
            .AppendLine($"    EXECUTE 'SELECT schema_version FROM {tables.Header}' INTO known;")
            .AppendLine("END IF;");
        for (var version = 0; version < StoreSchema.Version; version++)
        {
            script.AppendLine($"IF known <= {version} THEN")
                .AppendLine(Migration(tables, version))
                .AppendLine("END IF;");
        }
        script.AppendLine("END").AppendLine("$migrate$;");
        script.AppendLine(Documents(tables, applicationRole));
        if (applicationRole is not null)
            script.AppendLine(Grants(tables, applicationRole));
        return script.AppendLine("COMMIT;").ToString().ReplaceLineEndings("\n");
    }

    /// <summary>
    /// Returns the statements that build the indexes that an existing log lacks after an upgrade, while all nodes
    /// continue to read and append. Run them after <see cref="Script"/> as the owner of the log, in this order on one
    /// connection, each separately and outside a transaction. If one fails, run them again: they remove the remains of
    /// an unfinished build.
    /// </summary>
    /// <param name="options">The options with the schema names; other options are ignored. Null for the
    /// defaults.</param>
    /// <exception cref="ArgumentException">A schema name is invalid.</exception>
    public static IReadOnlyList<string> IndexStatements(PostgreSqlOptions? options = null)
    {
        var tables = NamesOf(options ?? new PostgreSqlOptions());
        var statements = new List<string> { $"SET lock_timeout = '{WaitForOldTransactions}'" };
        foreach (var index in StoreSchema.BackgroundIndexes)
        {
            var definition = index.Definition.Replace("{log}", tables.LogSchema, StringComparison.Ordinal);
            statements.Add(Removal(tables.LogSchema, tables.Events, index.Name));
            statements.Add($"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index.Name} {definition}");
        }
        statements.Add("RESET lock_timeout");
        return statements;
    }

    /// <summary>
    /// Returns the statements that prepare a store for a continuous backup (<c>UseBackup</c>), if the role of the
    /// applications does not own the log. Each needs a moment without writers to its table. Run them as the owner of
    /// the log. They are safe to run again.
    /// </summary>
    /// <param name="options">The options with the schema names; other options are ignored. Null for the
    /// defaults.</param>
    /// <param name="applicationRole">The role that applications connect as; null for the owner of the log.</param>
    /// <exception cref="ArgumentException">A schema name is invalid.</exception>
    public static string BackupScript(PostgreSqlOptions? options = null, string? applicationRole = null)
    {
        var triggers = new ChangeTriggers(NamesOf(options ?? new PostgreSqlOptions()));
        var script = new StringBuilder();
        foreach (var statement in triggers.Creation().Append(triggers.CollectionTriggers()))
            script.Append($"BEGIN; SET LOCAL lock_timeout = '{WaitForTables}';\n{statement}COMMIT;\n");
        if (applicationRole is not null)
            script.AppendLine(triggers.Grants(Quote(applicationRole)));
        return script.ToString().ReplaceLineEndings("\n");
    }

    /// <summary>Returns the statements from one version to the next.</summary>
    internal static string Migration(Tables tables, int from) =>
        StoreSchema.Migrations[from].Replace("{log}", tables.LogSchema, StringComparison.Ordinal)
        + $"UPDATE {tables.Header} SET schema_version = {from + 1};";

    internal static string Documents(Tables tables, string? role) =>
        role is null
            ? $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema};"
            : $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema} AUTHORIZATION {Quote(role)};";

    /// <summary>
    /// Returns the statement that removes the remains of a killed build. It checks again that no session is building
    /// the index. It does not wait for its locks, because a build waits for all sessions that do.
    /// </summary>
    internal static string Removal(string schema, string table, string index)
    {
        var hasRemains =
            $"EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('{schema}.{index}') AND NOT indisvalid)";
        return $"""
            DO $remove$ BEGIN
            IF {hasRemains} THEN
                LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
                IF {hasRemains} THEN
                    SET LOCAL lock_timeout = '{WaitForLogTable}';
                    DROP INDEX {schema}.{index};
                END IF;
            END IF;
            END $remove$
            """.ReplaceLineEndings("\n");
    }

    private static Tables NamesOf(PostgreSqlOptions options) =>
        options.SchemaProblems().ToArray() is { Length: > 0 } problems
            ? throw new ArgumentException(string.Join(" ", problems), nameof(options))
            : new Tables(options.LogSchema, options.DocumentSchema);

    private static string Grants(Tables tables, string role)
    {
        var name = Quote(role);
        return $"""
            GRANT USAGE ON SCHEMA {tables.LogSchema} TO {name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {tables.LogSchema} TO {name};
            REVOKE UPDATE ON {tables.Events}, {tables.Removals} FROM {name};
            REVOKE INSERT, DELETE ON {tables.Header} FROM {name};
            REVOKE DELETE ON {tables.Removals} FROM {name};
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {tables.LogSchema} TO {name};
            GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {tables.LogSchema} TO {name};
            """;
    }

    private static string Quote(string role) => $"\"{role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
