using System.Text;

namespace Millrace.PostgreSql;

/// <summary>The schema of a store as SQL, for databases in which the application's role may not make tables.</summary>
public static class PostgreSqlSchema
{
    private const string WaitForLog = "10s";
    private const string WaitForTables = "1s"; // With the log's lock: all appends wait for as long.
    private const string WaitForLogTable = "250ms"; // All that read or append wait behind it.
    private const string WaitForOldTransactions = "10min"; // Nobody waits behind a build, and giving up begins it anew.

    /// <summary>The version that this program writes.</summary>
    public static int Version => StoreSchema.Version;

    /// <summary>
    /// The statements that make a store, or bring one up to date: in one transaction, safe to run again and on several
    /// nodes at once. Run them as the role that is to own the log. What somebody else holds for too long ends it, with
    /// nothing done: run it again then.
    /// </summary>
    /// <remarks>A log that has events may still lack indexes after that, which <see cref="IndexStatements"/>
    /// make.</remarks>
    /// <param name="options">Only the names of the schemas are used; null for the defaults.</param>
    /// <param name="applicationRole">The role that applications connect as: it is granted what they need, and owns the
    /// schema of documents. Null when that is the owner itself.</param>
    /// <exception cref="ArgumentException">A schema's name is not allowed.</exception>
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
    /// The statements that build what indexes a log lacks that had events when it was brought up to date, while
    /// everybody goes on reading and appending. Run them in this order on one connection, each by itself and outside a
    /// transaction, as the owner of the log and after <see cref="Script"/>; again when one fails. What was left by a
    /// build that did not end is removed by them.
    /// </summary>
    /// <param name="options">Only the names of the schemas are used; null for the defaults.</param>
    /// <exception cref="ArgumentException">A schema's name is not allowed.</exception>
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

    /// <summary>The statements from one version to the next.</summary>
    internal static string Migration(Tables tables, int from) =>
        StoreSchema.Migrations[from].Replace("{log}", tables.LogSchema, StringComparison.Ordinal)
        + $"UPDATE {tables.Header} SET schema_version = {from + 1};";

    internal static string Documents(Tables tables, string? role) =>
        role is null
            ? $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema};"
            : $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema} AUTHORIZATION {Quote(role)};";

    /// <summary>
    /// Removes what a build left that was killed. It looks again when nobody can be building it any more; and does not
    /// wait for that, since a build waits for everybody who does.
    /// </summary>
    internal static string Removal(string schema, string table, string index)
    {
        var isLeft =
            $"EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('{schema}.{index}') AND NOT indisvalid)";
        return $"""
            DO $remove$ BEGIN
            IF {isLeft} THEN
                LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
                IF {isLeft} THEN
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
