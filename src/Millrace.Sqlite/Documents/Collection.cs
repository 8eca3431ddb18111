using System.Text;
using Millrace.Adapters;
using Millrace.Storage;

namespace Millrace.Sqlite;

/// <summary>A collection: its definition, its table, and the statements on it.</summary>
internal sealed class Collection
{
    public Collection(long number, CollectionDefinition definition)
    {
        (Number, Definition, Table) = (number, definition, $"{Collections.TablePrefix}{number}");
        var columns = string.Concat(Enumerable.Range(0, definition.Fields.Count).Select(field => $", f{field}"));
        var values = string.Concat(Enumerable.Range(0, definition.Fields.Count).Select(field => $", ?{field + 5}"));
        var changes = string.Concat(Enumerable.Range(0, definition.Fields.Count).Select(field => $", f{field} = excluded.f{field}"));
        FindVersion = $"SELECT version FROM {Table} WHERE key = ?1";
        Find = $"SELECT key, version, position, body FROM {Table} WHERE key = ?1";
        Put = $"INSERT INTO {Table} (key, version, position, body{columns}) VALUES (?1, ?2, ?3, ?4{values}) "
            + $"ON CONFLICT (key) DO UPDATE SET version = excluded.version, position = excluded.position, body = excluded.body{changes}";
        Remove = $"DELETE FROM {Table} WHERE key = ?1";
        Clear = $"DELETE FROM {Table}";
        Drop = $"DROP TABLE {Table}";
    }

    public long Number { get; }

    public CollectionDefinition Definition { get; }

    public string Table { get; }

    public string FindVersion { get; }

    public string Find { get; }

    public string Put { get; }

    public string Remove { get; }

    public string Clear { get; }

    public string Drop { get; }

    /// <summary>The statements that make the table and an index for each field.</summary>
    public string Create()
    {
        var sql = new StringBuilder($"CREATE TABLE {Table} (key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, ");
        sql.Append("position INTEGER NOT NULL, body BLOB NOT NULL");
        for (var i = 0; i < Definition.Fields.Count; i++)
            sql.Append($", f{i}");
        sql.Append(");");
        for (var i = 0; i < Definition.Fields.Count; i++)
            sql.Append($"CREATE INDEX {Table}_f{i} ON {Table} (f{i}, key);");
        return sql.ToString();
    }

    /// <summary>The place of a field.</summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    public int IndexOf(string field) => FieldLines.IndexOf(Definition, field);
}
