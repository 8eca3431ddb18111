using System.Text;

namespace Millrace.PostgreSql;

/// <summary>The schema of a store as SQL, for databases in which the application's role may not make tables.</summary>
public static class PostgreSqlSchema
{
    /// <summary>The version that this program writes.</summary>
    public static int Version => StoreSchema.Version;

    /// <summary>
    /// The statements that make a store, or bring one up to date: in one transaction, safe to run again and on several nodes at once. Run
    /// them as the role that is to own the log.
    /// </summary>
    /// <param name="options">Only the names of the schemas are used; null for the defaults.</param>
    /// <param name="applicationRole">The role that applications connect as: it is granted what they need, and owns the schema of documents.
    /// Null when that is the owner itself.</param>
    /// <exception cref="ArgumentException">A schema's name is not allowed.</exception>
    public static string Script(PostgreSqlOptions? options = null, string? applicationRole = null)
    {
        options ??= new PostgreSqlOptions();
        if (options.SchemaProblems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        var tables = new Tables(options.LogSchema, options.DocumentSchema);
        var (lockClass, lockKey) = tables.LogLock;
        var script = new StringBuilder()
            .AppendLine("BEGIN;")
            .AppendLine($"SELECT pg_advisory_xact_lock({lockClass}, {lockKey});")
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

    /// <summary>The statements from one version to the next.</summary>
    internal static string Migration(Tables tables, int from) =>
        StoreSchema.Migrations[from].Replace("{log}", tables.LogSchema, StringComparison.Ordinal)
        + $"UPDATE {tables.Header} SET schema_version = {from + 1};";

    internal static string Documents(Tables tables, string? role) =>
        role is null
            ? $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema};"
            : $"CREATE SCHEMA IF NOT EXISTS {tables.DocumentSchema} AUTHORIZATION {Quote(role)};";

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
