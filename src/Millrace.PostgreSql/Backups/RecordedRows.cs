using System.Globalization;
using System.Text.Json;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Moves;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Backups;

/// <summary>Reads a page of recorded changes. Uses one connection, and is used once.</summary>
internal sealed class RecordedRows(NpgsqlConnection connection, Tables tables, ChangeTriggers triggers)
{
    private const int MaxFoundRows = 16; // Of large documents, which are read together.

    private readonly Collections _collections = new(tables);
    private readonly Dictionary<string, Collection?> _known = new(StringComparer.Ordinal);

    /// <summary>Returns the changes after a number; null if changes are missing.</summary>
    public async ValueTask<IReadOnlyList<RecordedChange>?> Read(
        long after, int limit, CancellationToken cancellationToken)
    {
        if (await ReadRecords(after, limit, cancellationToken).ConfigureAwait(false) is not { } records)
            return null;
        foreach (var name in records.Where(record => record.IsDocument).Select(record => record.A).Distinct())
            _known[name] = await _collections.FindCurrent(connection, name, cancellationToken).ConfigureAwait(false);
        var changes = records.ConvertAll(ChangeOf);
        var rows = new MovedRows(connection, tables, _collections);
        var bytes = 0L;
        var missing = Enumerable.Range(0, records.Count).Where(i => IsKey(records[i]));
        foreach (var page in missing.Chunk(MaxFoundRows))
        {
            foreach (var table in page.GroupBy(i => changes[i].Table).ToList())
                await Find(rows, changes, [.. table], cancellationToken).ConfigureAwait(false);
            bytes += page.Sum(i => changes[i].Bytes);
            if (bytes >= IChangeRecorder.MaxPageBytes)
                return changes.GetRange(0, page[^1] + 1); // Rows of later changes are not read.
        }
        return changes;
    }

    private async ValueTask<List<Record>?> ReadRecords(long after, int limit, CancellationToken cancellationToken)
    {
        var records = new List<Record>();
        var bytes = 0L;
        var command = connection
            .Command($"SELECT id, tbl, a, b, c, position, body, fields::text FROM {triggers.Table} WHERE id > $1 "
                + $"AND tbl <> '{ChangeTriggers.PartRow}' ORDER BY id LIMIT $2")
            .With(after)
            .With((long)limit);
        await using var _ = command.ConfigureAwait(false);
        var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var __ = row.ConfigureAwait(false);
        while (bytes < IChangeRecorder.MaxPageBytes && await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (row.GetString(1) == ChangeTriggers.FullRow)
                return null;
            var record = new Record(
                row.GetInt64(0),
                row.GetString(1),
                row.GetString(2),
                row.IsDBNull(3) ? null : row.GetString(3),
                row.IsDBNull(4) ? null : row.GetString(4),
                row.GetInt64(5),
                row.IsDBNull(6) ? null : row.GetFieldValue<byte[]>(6),
                row.IsDBNull(7) ? null : row.GetString(7));
            bytes += record.Body?.Length ?? 0;
            records.Add(record);
        }
        return records;
    }

    /// <summary>Returns true if a record contains only the key of a row that may exist.</summary>
    private bool IsKey(Record record) => record.Kind == "removals"
        || (record.Kind == ChangeTriggers.DocumentKeyRow && _known[record.A] is not null);

    /// <summary>Returns a change; one of which only the key is known as if the row was removed.</summary>
    private RecordedChange ChangeOf(Record record) => record.Kind switch
    {
        "claims" when record.C is null => Removed(record, MovedTables.Claims, record.A, record.B),
        "claims" => Written(record, MovedTables.Claims, record.A, record.B, record.C),
        "handled" => Written(
            record, MovedTables.Handled, record.A, record.B, record.Body, record.Position, Parse(record.C!)),
        "removals" => Removed(record, MovedTables.Removals, Parse(record.A)),
        "stream_bounds" => Written(
            record, MovedTables.StreamBounds, record.A, Parse(record.B!), Parse(record.C!)), // All three are set.
        _ => DocumentOf(record),
    };

    /// <summary>Returns the change of a document. One of a collection that was dropped is a removed one.</summary>
    private RecordedChange DocumentOf(Record record)
    {
        var known = _known[record.A];
        var collection = known?.Definition ?? new CollectionDefinition(record.A, []);
        var table = MovedTables.OfDocuments(collection);
        if (record.Fields is null || known?.Name != record.C)
            return Removed(record, table, record.B) with { Collection = collection };
        using var json = JsonDocument.Parse(record.Fields);
        var values = new object?[table.Columns.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var column = table.Columns[i];
            values[i] = column.Kind == MovedKind.Bytes
                ? record.Body
                : ReadValue(json.RootElement.GetProperty(column.Name), column.Kind);
        }
        return Written(record, table, values) with { Collection = collection };
    }

    private static object? ReadValue(JsonElement value, MovedKind kind) => (kind, value.ValueKind) switch
    {
        (_, JsonValueKind.Null) => null,
        (MovedKind.Decimal, _) => decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture),
        (MovedKind.Real, JsonValueKind.Number) => value.GetDouble(),
        (MovedKind.Real, _) => double.Parse(value.GetString()!, CultureInfo.InvariantCulture), // Such as NaN.
        (MovedKind.Number, _) => value.GetInt64(),
        _ => value.GetString(),
    };

    private static RecordedChange Written(Record record, MovedTable table, params object?[] values) =>
        new(record.Number, record.Position, table, new MovedRow(values), IsRemoved: false);

    private static RecordedChange Removed(Record record, MovedTable table, params object?[] key) =>
        new(record.Number, record.Position, table, new MovedRow(key), IsRemoved: true);

    /// <summary>Reads the rows of changes of one table of which only the key is known.</summary>
    private static async Task Find(
        MovedRows rows, List<RecordedChange> changes, int[] indexes, CancellationToken cancellationToken)
    {
        var table = changes[indexes[0]].Table;
        var keys = indexes.Select(i => changes[i].Row).ToHashSet();
        var found = (await rows.Find(table, keys, cancellationToken).ConfigureAwait(false))
            .ToDictionary(row => new MovedRow([.. row.Values.Take(table.KeyColumns)]));
        foreach (var i in indexes)
        {
            if (found.TryGetValue(changes[i].Row, out var row))
                changes[i] = changes[i] with { Row = row, IsRemoved = false };
        }
    }

    private static long Parse(string number) => long.Parse(number, CultureInfo.InvariantCulture);

    private sealed record Record(
        long Number,
        string Kind,
        string A,
        string? B,
        string? C,
        long Position,
        byte[]? Body,
        string? Fields)
    {
        public bool IsDocument => Kind is ChangeTriggers.DocumentRow or ChangeTriggers.DocumentKeyRow;
    }
}
