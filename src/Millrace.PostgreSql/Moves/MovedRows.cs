using System.Data;
using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage.Moves;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.PostgreSql.Moves;

/// <summary>
/// Reads and writes rows of the tables outside the log, in the form that the source and the target of a move share.
/// Uses one connection.
/// </summary>
internal sealed class MovedRows(NpgsqlConnection connection, Tables tables, Collections collections)
{
    public async ValueTask<List<MovedRow>> Read(
        MovedTable table, MovedRow? after, int limit, CancellationToken cancellationToken)
    {
        var keys = Join(KeysOf(table), name => $"t.{name}");
        var placeholders = Join(Enumerable.Range(1, table.KeyColumns), number => $"${number}");
        var cursor = after is null ? "" : $" AND ({keys}) > ({placeholders})";
        var command = connection.Command(
            $"SELECT {ColumnsOf(table)} FROM {await NameOf(table, cancellationToken).ConfigureAwait(false)} t "
            + $"WHERE {FilterOf(table)}{cursor} ORDER BY {keys} LIMIT {limit}");
        if (after is not null)
        {
            for (var i = 0; i < table.KeyColumns; i++)
                command.Parameters.Add(Single(table.Columns[i].Kind, after[i]!)); // Key columns are not null.
        }
        return await Read(command, table, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<List<MovedRow>> Find(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        var command = connection.Command(
            $"SELECT {ColumnsOf(table)} FROM {await NameOf(table, cancellationToken).ConfigureAwait(false)} t "
            + $"JOIN {UnnestParameters(table.KeyColumns)} ON {IsKey(table)} WHERE {FilterOf(table)}");
        AddColumns(command, table, table.KeyColumns, keys);
        return await Read(command, table, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Put(
        MovedTable table, IReadOnlyCollection<MovedRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
            return;
        var names = table.Columns.Select(column => Quoted(column.Name)).ToArray();
        var changes = Join(names.Skip(table.KeyColumns), name => $"{name} = excluded.{name}");
        var onConflict = changes.Length == 0 ? "NOTHING" : $"UPDATE SET {changes}";
        var command = connection.Command(
            $"INSERT INTO {await NameOf(table, cancellationToken).ConfigureAwait(false)} ({string.Join(", ", names)}) "
            + $"OVERRIDING SYSTEM VALUE SELECT * FROM {UnnestParameters(names.Length)} "
            + $"ON CONFLICT ({string.Join(", ", KeysOf(table))}) DO {onConflict}");
        AddColumns(command, table, names.Length, rows);
        await Execute(command, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask Remove(
        MovedTable table, IReadOnlyCollection<MovedRow> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return;
        var command = connection.Command(
            $"DELETE FROM {await NameOf(table, cancellationToken).ConfigureAwait(false)} t USING "
                + $"{UnnestParameters(table.KeyColumns)} "
            + $"WHERE {IsKey(table)}");
        AddColumns(command, table, table.KeyColumns, keys);
        await Execute(command, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the key of a recorded change from its texts.</summary>
    public static MovedRow KeyOf(MovedTable table, NpgsqlDataReader row, int column)
    {
        var key = new object?[table.KeyColumns];
        for (var i = 0; i < key.Length; i++)
        {
            var text = row.GetString(column + i);
            key[i] = table.Columns[i].Kind == MovedKind.Number ? long.Parse(text, CultureInfo.InvariantCulture) : text;
        }
        return new MovedRow(key);
    }

    private static async ValueTask Execute(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<List<MovedRow>> Read(
        NpgsqlCommand command, MovedTable table, CancellationToken cancellationToken)
    {
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(CommandBehavior.Default, cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        var rows = new List<MovedRow>();
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var values = new object?[table.Columns.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = row.IsDBNull(i) ? null : ReadValue(row, i, table.Columns[i].Kind);
            rows.Add(new MovedRow(values));
        }
        return rows;
    }

    private static object ReadValue(NpgsqlDataReader row, int column, MovedKind kind) => kind switch
    {
        MovedKind.Number or MovedKind.Flag => row.GetInt64(column),
        MovedKind.Time => MovedTime.ToMicroseconds(row.GetTime(column)),
        MovedKind.Id => row.GetGuid(column),
        MovedKind.Bytes => row.GetFieldValue<byte[]>(column),
        MovedKind.Decimal => row.GetDecimal(column),
        MovedKind.Real => row.GetDouble(column),
        MovedKind.Prose => StoredText.Unescape(row.GetString(column))!, // Not null.
        _ => row.GetString(column),
    };

    private static string Quoted(string name) => $"\"{name}\"";

    private static string Join<T>(IEnumerable<T> parts, Func<T, string> write) =>
        string.Join(", ", parts.Select(write));

    private static IEnumerable<string> KeysOf(MovedTable table) =>
        table.Columns.Take(table.KeyColumns).Select(column => Quoted(column.Name));

    private static string ColumnsOf(MovedTable table) => Join(table.Columns, column => column.Kind switch
    {
        MovedKind.Number => $"t.{Quoted(column.Name)}::bigint",
        MovedKind.Flag => $"t.{Quoted(column.Name)}::integer::bigint",
        _ => $"t.{Quoted(column.Name)}",
    });

    /// <summary>
    /// Returns the filter for rows worth moving: rows with only default values are equivalent to no row.
    /// </summary>
    private static string FilterOf(MovedTable table) =>
        table == MovedTables.StreamBounds ? "(t.first_version <> 1 OR t.state <> 0)" : "true";

    private static string UnnestParameters(int columns)
    {
        var placeholders = Enumerable.Range(1, columns);
        var names = Enumerable.Range(1, columns);
        return $"unnest({Join(placeholders, number => $"${number}")}) AS k ({Join(names, number => $"c{number}")})";
    }

    private static string IsKey(MovedTable table) =>
        string.Join(
            " AND ",
            KeysOf(table).Select((name, i) => string.Create(CultureInfo.InvariantCulture, $"t.{name} = k.c{i + 1}")));

    private async ValueTask<string> NameOf(MovedTable table, CancellationToken cancellationToken) => table.IsDocuments
        ? (await collections.Get(connection, table.Name, cancellationToken).ConfigureAwait(false)).Table
        : $"{tables.LogSchema}.{table.Name}";

    private static NpgsqlParameter Single(MovedKind kind, object value) => kind == MovedKind.Number
        ? new NpgsqlParameter<long> { TypedValue = (long)value }
        : new NpgsqlParameter<string> { TypedValue = (string)value };

    private static void AddColumns(
        NpgsqlCommand command, MovedTable table, int columns, IReadOnlyCollection<MovedRow> rows)
    {
        for (var i = 0; i < columns; i++)
        {
            var column = i;
            command.Parameters.Add(
                table.Columns[i].Kind switch
                {
                    MovedKind.Number => Column(rows, row => (long?)row[column], NpgsqlDbType.Bigint),
                    MovedKind.Flag => Column(
                        rows, row => row[column] is long flag ? flag != 0 : (bool?)null, NpgsqlDbType.Boolean),
                    MovedKind.Time => Column(
                        rows,
                        row => row[column] is long time ? MovedTime.FromMicroseconds(time) : (DateTime?)null,
                        NpgsqlDbType.TimestampTz),
                    MovedKind.Id => Column(rows, row => (Guid?)row[column], NpgsqlDbType.Uuid),
                    MovedKind.Bytes => Column(rows, row => (byte[]?)row[column], NpgsqlDbType.Bytea),
                    MovedKind.Decimal => Column(rows, row => (decimal?)row[column], NpgsqlDbType.Numeric),
                    MovedKind.Real => Column(rows, row => (double?)row[column], NpgsqlDbType.Double),
                    MovedKind.Prose => Column(rows, row => StoredText.Escape((string?)row[column]), NpgsqlDbType.Text),
                    _ => Column(
                        rows, row => row[column] is string text ? StoredText.Check(text) : null, NpgsqlDbType.Text),
                }
            );
        }
    }

    private static NpgsqlParameter<T[]> Column<T>(
        IReadOnlyCollection<MovedRow> rows, Func<MovedRow, T> read, NpgsqlDbType type)
    {
        var values = new T[rows.Count];
        var next = 0;
        foreach (var row in rows)
            values[next++] = read(row);
        return new() { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
