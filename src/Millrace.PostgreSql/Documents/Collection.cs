using System.Globalization;
using System.Text;
using Millrace.PostgreSql.Log;
using Millrace.PostgreSql.Schema;
using Millrace.Shared.Storage;
using Millrace.Storage;

namespace Millrace.PostgreSql.Documents;

/// <summary>A collection: its definition, its table, and its statements.</summary>
internal sealed class Collection
{
    private const int FirstFieldParameter = 5;

    private readonly Lazy<string> _findWithStreams;

    public Collection(long number, CollectionDefinition definition, Tables tables)
    {
        Number = number;
        Definition = definition;
        Name = string.Create(CultureInfo.InvariantCulture, $"doc_{number}");
        Table = $"{tables.DocumentSchema}.{Name}";
        var fields = Enumerable.Range(0, definition.Fields.Count).ToArray();
        var columns = string.Concat(fields.Select(field => $", f{field}"));
        var values = string.Concat(fields.Select(field => $", ${field + FirstFieldParameter}"));
        var changes = string.Concat(fields.Select(field => $", f{field} = excluded.f{field}"));
        FindVersions = $"SELECT key, version FROM {Table} WHERE key = ANY ($1) ORDER BY key FOR UPDATE";
        FindMany = $"SELECT key, version, position, body FROM {Table} WHERE key = ANY ($1)";
        _findWithStreams = new Lazy<string>(() => SnapshotReads.SelectFrom(Table, tables));
        Find = $"SELECT key, version, position, body FROM {Table} WHERE key = $1";
        FindWithProgress = "SELECT d.key, d.version, d.position, d.body, c.epochs, c.reached FROM ("
            + "SELECT sum(lease_epoch)::bigint AS epochs, min(coalesce(checkpoint, 0)) AS reached FROM "
            + $"{tables.Consumers} "
            + $"WHERE consumer = $2) c LEFT JOIN {Table} d ON d.key = $1";
        Add =
            $"INSERT INTO {Table} (key, version, position, body{columns}) SELECT * FROM unnest($1, $2, $3, $4{values})";
        var replace =
            "ON CONFLICT (key) DO UPDATE SET version = excluded.version, position = excluded.position, body = "
                + "excluded.body"
            + changes;
        Put = $"{Add} {replace}";
        PutWithNewVersions = $"INSERT INTO {Table} (key, version, position, body{columns}) "
            + $"SELECT u.key, currval('{tables.DocumentVersions}') * {FactReader.VersionsInBatch} + $1, u.position, "
            + $"u.body"
            + string.Concat(fields.Select(field => $", u.f{field}"))
            + $" FROM unnest($2, $3, $4{values}) AS u (key, position, body{columns}) {replace}";
        Load = $"COPY {Table} (key, version, position, body{columns}) FROM STDIN (FORMAT BINARY)";
        Remove = $"DELETE FROM {Table} WHERE key = ANY ($1)";
        Clear = $"DELETE FROM {Table}";
        Empty = $"""
            DO $empty$ BEGIN
            LOCK TABLE {Table} IN ACCESS EXCLUSIVE MODE;
            IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '{Table}'::regclass) THEN
                DELETE FROM {Table};
            ELSE
                TRUNCATE {Table};
            END IF;
            END $empty$
            """;
        Drop = $"DROP TABLE {Table}";
    }

    public long Number { get; }

    public CollectionDefinition Definition { get; }

    /// <summary>The table's name without its schema.</summary>
    public string Name { get; }

    public string Table { get; }

    public string FindVersions { get; }

    public string FindMany { get; }

    public string Find { get; }

    /// <summary>Selects a document together with the lease epochs and the lowest checkpoint of its consumer.</summary>
    public string FindWithProgress { get; }

    /// <summary>Selects documents together with the streams that they are snapshots of.</summary>
    public string FindWithStreams => _findWithStreams.Value;

    /// <summary>Inserts new documents. Fails if one of them exists.</summary>
    public string Add { get; }

    /// <summary>Inserts or replaces documents.</summary>
    public string Put { get; }

    /// <summary>
    /// Inserts or replaces documents, with versions that count up from a number reserved for the batch.
    /// </summary>
    public string PutWithNewVersions { get; }

    /// <summary>Loads new documents in bulk. Fails if one of them exists.</summary>
    public string Load { get; }

    public string Remove { get; }

    public string Clear { get; }

    /// <summary>
    /// Removes all documents: at once when no transaction reads them, or one by one while a move records each change.
    /// </summary>
    public string Empty { get; }

    public string Drop { get; }

    /// <summary>Returns the statements that create the table and an index for each field.</summary>
    public string Create()
    {
        var sql = new StringBuilder(
            $"CREATE TABLE {Table} (key text COLLATE \"C\" PRIMARY KEY, version bigint NOT NULL, ");
        sql.Append("position bigint NOT NULL, body bytea NOT NULL");
        for (var i = 0; i < Definition.Fields.Count; i++)
            sql.Append(CultureInfo.InvariantCulture, $", f{i} {FieldCoding.TypeOf(Definition.Fields[i].Kind)}");
        sql.Append(") WITH (fillfactor = 80);");
        for (var i = 0; i < Definition.Fields.Count; i++)
            sql.Append(Indexes(i));
        var columns = string.Join(", ", Definition.Fields.Select((field, i) => $"f{i} is {field.Name}"));
        var comment =
            columns.Length == 0 ? $"Documents of {Definition.Name}." : $"Documents of {Definition.Name}: {columns}.";
        return sql.Append($"COMMENT ON TABLE {Table} IS '{comment.Replace("'", "''", StringComparison.Ordinal)}';")
            .ToString();
    }

    private string Indexes(int field)
    {
        if (Definition.Fields[field].Kind != FieldKind.Text)
            return string.Create(
                CultureInfo.InvariantCulture, $"CREATE INDEX {Name}_f{field} ON {Table} (f{field} NULLS FIRST, key);");
        return string.Concat(
            LongTexts.Indexes(Name, field).Select(index => $"CREATE INDEX {index.Name} ON {Table} {index.Definition};")
        );
    }

    /// <summary>Returns the index of a field.</summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    public int IndexOf(string field) => FieldListFormat.IndexOf(Definition, field);
}
