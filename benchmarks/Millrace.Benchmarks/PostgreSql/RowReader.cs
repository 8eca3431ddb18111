using System.Globalization;
using System.Text.Json;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Raw;
using Millrace.Benchmarks.Storages;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Hand-written reads on a separate connection. They use prepared statements, one buffer for all payloads, and
/// System.Text.Json with generated metadata.
/// </summary>
internal sealed class RowReader : IRawReader
{
    private const int PayloadColumn = 5;
    private const string Columns = "position, version, type, recorded_at, id, payload";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _scan;
    private readonly NpgsqlCommand _stream;
    private readonly string _totals;
    private byte[] _buffer = new byte[4_096];

    private RowReader(NpgsqlConnection connection, BenchStore store)
    {
        _connection = connection;
        _scan = new NpgsqlCommand($"SELECT {Columns} FROM {store.Events} ORDER BY position", connection)
        {
            CommandTimeout = 600,
        };
        _stream = new NpgsqlCommand(
            $"SELECT {Columns} FROM {store.Events} WHERE stream = $1 ORDER BY version", connection);
        _stream.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text });
        _totals = store.Options.DocumentSchema + ".raw_totals";
    }

    public static async Task<RowReader> Open(BenchStore store)
    {
        var connection = new NpgsqlConnection(store.Options.ConnectionString);
        await connection.OpenAsync();
        var reader = new RowReader(connection, store);
        await reader._scan.PrepareAsync();
        await reader._stream.PrepareAsync();
        return reader;
    }

    public async ValueTask<long> Scan(Action<long, LineAdded> handle) => await Read(_scan, handle);

    /// <summary>Reads and decodes a stream, and returns the number of its events.</summary>
    public async ValueTask<long> ReadStream(int key, Action<long, LineAdded> handle)
    {
        _stream.Parameters[0].Value = SampleLines.StreamNames[key];
        return await Read(_stream, handle);
    }

    public async ValueTask<long> Rebuild()
    {
        var totals = new RawTotals();
        var events = await Scan(totals.Add);
        await using var transaction = await _connection.BeginTransactionAsync();
        await using (
            var create = new NpgsqlCommand(
                $"DROP TABLE IF EXISTS {_totals}; "
                    + $"CREATE TABLE {_totals} (key text PRIMARY KEY, version bigint, position bigint, body bytea)",
                _connection))
            await create.ExecuteNonQueryAsync();
        await using (var copy = await _connection.BeginBinaryImportAsync($"COPY {_totals} FROM STDIN (FORMAT binary)"))
        {
            foreach (var (key, body) in totals.Documents())
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(key.ToString(CultureInfo.InvariantCulture), NpgsqlDbType.Text);
                await copy.WriteAsync(1L, NpgsqlDbType.Bigint);
                await copy.WriteAsync(totals.Last, NpgsqlDbType.Bigint);
                await copy.WriteAsync(body, NpgsqlDbType.Bytea);
            }
            await copy.CompleteAsync();
        }
        await transaction.CommitAsync();
        return events;
    }

    public async ValueTask DisposeAsync()
    {
        await _scan.DisposeAsync();
        await _stream.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async ValueTask<long> Read(NpgsqlCommand command, Action<long, LineAdded> handle)
    {
        await using var row = await command.ExecuteReaderAsync();
        var events = 0L;
        while (await row.ReadAsync())
        {
            var length = (int)row.GetBytes(PayloadColumn, 0, null, 0, 0);
            if (length > _buffer.Length)
                _buffer = new byte[length * 2];
            row.GetBytes(PayloadColumn, 0, _buffer, 0, length);
            // A payload is never the JSON value null.
            handle(row.GetInt64(0), JsonSerializer.Deserialize(_buffer.AsSpan(0, length), DataJson.Default.LineAdded)!);
            events++;
        }
        return events;
    }
}
