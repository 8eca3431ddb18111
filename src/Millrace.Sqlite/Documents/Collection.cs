using System.Text;
using Millrace.Shared.Storage;
using Millrace.Storage;

namespace Millrace.Sqlite.Documents;

/// <summary>A collection: its definition, its table, and its statements.</summary>
internal sealed class Collection
{
    private const int MaxCachedStatements = 8; // Each cached statement uses memory.
    private const int MaxFields = 64;

    private readonly Dictionary<ulong, string> _changes = []; // Keyed by the fields that they write.

    public Collection(long number, CollectionDefinition definition)
    {
        Number = number;
        Definition = definition;
        Table = $"{Collections.TablePrefix}{number}";
        var columns = string.Concat(Enumerable.Range(0, definition.Fields.Count).Select(field => $", f{field}"));
        var values = string.Concat(Enumerable.Range(0, definition.Fields.Count).Select(field => $", ?{field + 5}"));
        var changes = string.Concat(
            Enumerable.Range(0, definition.Fields.Count).Select(field => $", f{field} = excluded.f{field}"));
        FindFields = $"SELECT rowid{columns} FROM {Table} WHERE key = ?1";
        FindVersion = $"SELECT version FROM {Table} WHERE key = ?1";
        Find = $"SELECT key, version, position, body FROM {Table} WHERE key = ?1";
        Put = $"INSERT INTO {Table} (key, version, position, body{columns}) VALUES (?1, ?2, ?3, ?4{values}) "
            + "ON CONFLICT (key) DO UPDATE SET version = excluded.version, position = excluded.position, body = "
            + $"excluded.body{changes}";
        Remove = $"DELETE FROM {Table} WHERE key = ?1";
        Clear = $"DELETE FROM {Table}";
        Drop = $"DROP TABLE {Table}";
    }

    public long Number { get; }

    public CollectionDefinition Definition { get; }

    public string Table { get; }

    public string FindVersion { get; }

    public string Find { get; }

    /// <summary>Selects the row of a document with its fields in order.</summary>
    public string FindFields { get; }

    public string Put { get; }

    public string Remove { get; }

    public string Clear { get; }

    public string Drop { get; }

    /// <summary>Gets whether writes find out which fields have changed, because index updates cost more.</summary>
    public bool TracksChangedFields => Definition.Fields.Count is > 1 and <= MaxFields;

    /// <summary>
    /// Returns the statement that updates a document and only the fields whose bits are set, so that the indexes of
    /// other fields stay unchanged. Returns null when so many statements are cached that <see cref="Put"/> is cheaper.
    /// Only the writer uses it.
    /// </summary>
    public string? FindChange(ulong fields)
    {
        if (_changes.TryGetValue(fields, out var known))
            return known;
        if (_changes.Count == MaxCachedStatements)
            return null;
        var sql = new StringBuilder($"UPDATE {Table} SET version = ?2, position = ?3, body = ?4");
        for (var i = 0; i < Definition.Fields.Count; i++)
        {
            if ((fields & (1UL << i)) != 0)
                sql.Append($", f{i} = ?{i + 5}");
        }
        return _changes[fields] = sql.Append(" WHERE rowid = ?1").ToString();
    }

    /// <summary>Returns the statements that create the table and an index for each field.</summary>
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

    /// <summary>Returns the index of a field.</summary>
    /// <exception cref="ArgumentException">The collection has no such field.</exception>
    public int IndexOf(string field) => FieldListFormat.IndexOf(Definition, field);
}
