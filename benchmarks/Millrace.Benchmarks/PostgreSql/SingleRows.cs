using Millrace.Benchmarks.Data;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Appends without a queue, as many applications do. Each sender has a connection and commits one row at a time, with
/// the expected version. The position is the next value of a sequence, so positions can have gaps.
/// </summary>
internal sealed class SingleRows : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;

    private SingleRows(NpgsqlConnection connection, NpgsqlCommand insert) =>
        (_connection, _insert) = (connection, insert);

    /// <summary>Opens a connection for each sender.</summary>
    public static async Task<SingleRows[]> Open(BenchStore store, int senders)
    {
        var sequence = store.Options.LogSchema + ".raw_positions";
        await store.Database.Ask(
            $"CREATE SEQUENCE IF NOT EXISTS {sequence}; SELECT setval('{sequence}', (SELECT "
                + $"max(position) FROM {store.Events}))"
        );
        var all = new SingleRows[senders];
        for (var i = 0; i < senders; i++)
            all[i] = await Open(store, sequence);
        return all;
    }

    /// <summary>Returns the version of the stream of each key.</summary>
    public static async Task<long[]> Versions(BenchStore store)
    {
        var versions = new long[SampleLines.Keys];
        await using var connection = new NpgsqlConnection(store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            $"SELECT stream, max(version) FROM {store.Events} GROUP BY stream", connection);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            versions[SampleLines.KeyOf(System.Text.Encoding.UTF8.GetBytes(row.GetString(0)))] = row.GetInt64(1);
        return versions;
    }

    /// <summary>Appends an event to the stream of a key.</summary>
    public async ValueTask Append(int key, long expected)
    {
        object[] values =
        [
            SampleLines.StreamNames[key],
            expected,
            Guid.CreateVersion7(),
            SampleLines.Instance.Payload(key),
        ];
        for (var i = 0; i < values.Length; i++)
            _insert.Parameters[i].Value = values[i];
        if (await _insert.ExecuteNonQueryAsync() != 1)
            throw new InvalidOperationException("The raw statement did not append the event.");
    }

    public async ValueTask DisposeAsync()
    {
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static async Task<SingleRows> Open(BenchStore store, string sequence)
    {
        var connection = new NpgsqlConnection(store.Options.ConnectionString);
        await connection.OpenAsync();
        var insert = new NpgsqlCommand(
            $"""
            INSERT INTO {store.Events} (position, version, recorded_at, id, schema_version, checksum, stream, type, payload)
            SELECT nextval('{sequence}'), $2 + 1, clock_timestamp(), $3, 1, 0, $1, '{SampleLines.EventType}', $4
            WHERE (SELECT e.version FROM {store.Events} e WHERE e.stream = $1 ORDER BY e.version DESC LIMIT 1) = $2
            """,
            connection);
        foreach (
            var type in (NpgsqlDbType[])[NpgsqlDbType.Text, NpgsqlDbType.Bigint, NpgsqlDbType.Uuid, NpgsqlDbType.Bytea])
            insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        await insert.PrepareAsync();
        return new SingleRows(connection, insert);
    }
}
