using System.Globalization;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Names;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Sqlite.Moves;

/// <summary>
/// Reads and writes rows of the tables outside the log, in the form that the source and the target of a move share.
/// Uses one connection.
/// </summary>
internal sealed class MovedRows(Connection connection, NameTable names, StreamTable streams, Collections collections)
{
    private const string Bounds =
        "(SELECT name AS stream, first_version, state FROM streams WHERE first_version <> 1 OR state <> 0)";
    private const string FindStream = "SELECT id FROM streams WHERE name = ?1";
    private const string SetBounds = "UPDATE streams SET first_version = ?2, state = ?3 WHERE name = ?1";

    private readonly Dictionary<string, long> _streams = new(StringComparer.Ordinal);

    public List<MovedRow> Read(MovedTable table, MovedRow? after, int limit)
    {
        var keys = string.Join(", ", KeysOf(table));
        var placeholders = string.Join(", ", Enumerable.Range(1, table.KeyColumns).Select(number => $"?{number}"));
        var cursor = after is null ? "" : $"WHERE ({keys}) > ({placeholders}) ";
        var statement = connection.Get(
            $"SELECT {ColumnsOf(table)} FROM {SourceOf(table)} {cursor}ORDER BY {keys} LIMIT {limit}");
        if (after is not null)
            BindKey(statement, table, after);
        var rows = new List<MovedRow>();
        while (statement.Step())
            rows.Add(ReadRow(statement, table));
        statement.Reset();
        return rows;
    }

    public MovedRow? Find(MovedTable table, MovedRow key)
    {
        var statement = connection.Get($"SELECT {ColumnsOf(table)} FROM {SourceOf(table)} WHERE {IsKey(table)}");
        BindKey(statement, table, key);
        var found = statement.Step() ? ReadRow(statement, table) : null;
        statement.Reset();
        return found;
    }

    public void Put(MovedTable table, MovedRow row)
    {
        if (table == MovedTables.StreamBounds)
        {
            PutBounds((string)row[0]!, (long)row[1]!, (long)row[2]!); // Rows of this table have all three.
            return;
        }
        var placeholders = string.Join(", ", Enumerable.Range(1, table.Columns.Count).Select(number => $"?{number}"));
        var statement = connection.Get(
            $"INSERT OR REPLACE INTO {SourceOf(table)} ({ColumnsOf(table)}) VALUES ({placeholders})");
        for (var i = 0; i < table.Columns.Count; i++)
            Bind(statement, i + 1, table.Columns[i].Kind, row[i], mayAdd: true);
        statement.Run();
    }

    public void Remove(MovedTable table, MovedRow key)
    {
        if (table == MovedTables.StreamBounds)
        {
            PutBounds((string)key[0]!, 1, 0); // The key is not null.
            return;
        }
        var statement = connection.Get($"DELETE FROM {SourceOf(table)} WHERE {IsKey(table)}");
        BindKey(statement, table, key);
        statement.Run();
    }

    /// <summary>Returns the number of a stream, storing the stream if it is new.</summary>
    public long NumberOf(string stream)
    {
        if (_streams.TryGetValue(stream, out var number))
            return number;
        number = connection.Get(FindStream).Bind(1, stream).Scalar();
        if (number == 0)
            number = StreamTable.Add(connection, new StreamId(stream));
        _streams.Add(stream, number);
        return number;
    }

    /// <summary>Returns the key of a recorded change.</summary>
    public MovedRow KeyOf(MovedTable table, Statement row, int column)
    {
        var key = new object?[table.KeyColumns];
        for (var i = 0; i < key.Length; i++)
        {
            // A recorded change of a stream contains its name, not its number.
            var kind = table.Columns[i].Kind;
            key[i] = ReadValue(row, column + i, kind == MovedKind.Stream ? MovedKind.Text : kind);
        }
        return new MovedRow(key);
    }

    /// <summary>Reads a row whose columns begin at a column of the statement.</summary>
    public MovedRow ReadRow(Statement row, MovedTable table, int column = 0)
    {
        var values = new object?[table.Columns.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = ReadValue(row, column + i, table.Columns[i].Kind);
        return new MovedRow(values);
    }

    private static string NameOf(MovedColumn column) => column.Name switch
    {
        "removed_by" => "by",
        "removed_at" => "at",
        _ => column.Name,
    };

    private static string ColumnsOf(MovedTable table) =>
        string.Join(", ", table.Columns.Select(column => $"\"{NameOf(column)}\""));

    private static IEnumerable<string> KeysOf(MovedTable table) => table.Columns.Take(table.KeyColumns).Select(NameOf);

    private static string IsKey(MovedTable table) => string.Join(
        " AND ", KeysOf(table).Select((name, i) => string.Create(CultureInfo.InvariantCulture, $"{name} = ?{i + 1}")));

    private string SourceOf(MovedTable table)
    {
        if (table.IsDocuments)
            return collections.Get(connection, table.Name).Table;
        return table == MovedTables.StreamBounds ? Bounds : table.Name;
    }

    private void PutBounds(string stream, long firstVersion, long state)
    {
        NumberOf(stream);
        connection.Get(SetBounds).Bind(1, stream).Bind(2, firstVersion).Bind(3, state).Run();
    }

    private void BindKey(Statement statement, MovedTable table, MovedRow key)
    {
        for (var i = 0; i < table.KeyColumns; i++)
            Bind(statement, i + 1, table.Columns[i].Kind, key[i], mayAdd: false);
    }

    private void Bind(Statement statement, int index, MovedKind kind, object? value, bool mayAdd)
    {
        switch (value)
        {
            case null:
                statement.BindNull(index);
                break;
            case string scope when kind == MovedKind.Scope:
                statement.Bind(index, mayAdd ? names.GetOrAdd(connection, scope) : names.Find(connection, scope));
                break;
            case string stream when kind == MovedKind.Stream:
                statement.Bind(index, NumberOf(stream));
                break;
            case string text:
                statement.Bind(index, text);
                break;
            case long number:
                statement.Bind(index, number);
                break;
            case Guid id:
                statement.Bind(index, id);
                break;
            case byte[] bytes:
                statement.Bind(index, bytes);
                break;
            case decimal exact:
                FieldCoding.Bind(statement, index, FieldKind.Decimal, exact);
                break;
            case double real:
                statement.Bind(index, real);
                break;
            default:
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, "The kind of value is not supported in a moved row.");
        }
    }

    private object? ReadValue(Statement row, int column, MovedKind kind)
    {
        if (row.IsNull(column))
            return null;
        return kind switch
        {
            MovedKind.Scope => names.Get(connection, row.GetInt64(column)),
            MovedKind.Stream => streams.Get(connection, row.GetInt64(column)).Value,
            MovedKind.Text or MovedKind.Prose => row.GetText(column),
            MovedKind.Id => row.GetGuid(column),
            MovedKind.Bytes => row.GetBytes(column).ToArray(),
            MovedKind.Decimal => FieldCoding.Read(row, column, FieldKind.Decimal).Value,
            MovedKind.Real => row.GetDouble(column),
            _ => row.GetInt64(column),
        };
    }
}
