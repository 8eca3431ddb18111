using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Raw;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Commits a batch with one prepared statement on the same table and indexes as the store. The statement tries to
/// acquire the lock of the log, checks the end of the log and the version of each stream, and inserts the batch. It
/// commits implicitly. The payloads are bytes that were created before the measurement.
/// </summary>
internal sealed class SingleStatementCommit : IAsyncDisposable
{
    private const int LockClass = 1;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _command;
    private long _base;

    private SingleStatementCommit(NpgsqlConnection connection, NpgsqlCommand command, long last) =>
        (_connection, _command, _base) = (connection, command, last);

    public static async Task<SingleStatementCommit> Open(BenchStore store)
    {
        var events = store.Events;
        var connection = new NpgsqlConnection(store.Options.ConnectionString);
        await connection.OpenAsync();
        await using var last = new NpgsqlCommand($"SELECT max(position) FROM {events}", connection);
        var command = new NpgsqlCommand(Statement(events), connection);
        foreach (var type in (NpgsqlDbType[])
                [
                    NpgsqlDbType.Bigint,
                    NpgsqlDbType.Array | NpgsqlDbType.Text,
                    NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                    NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                    NpgsqlDbType.Array | NpgsqlDbType.Uuid,
                    NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                    NpgsqlDbType.Array | NpgsqlDbType.Text,
                    NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                ]
        )
        {
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
        }
        await command.PrepareAsync();
        // The store has events, so the position is not null.
        return new SingleStatementCommit(connection, command, (long)(await last.ExecuteScalarAsync())!);
    }

    /// <summary>Writes a batch. All appends are accepted, because there is no other writer.</summary>
    public async Task Append(IReadOnlyList<RawAppend> batch)
    {
        var count = 0;
        foreach (var append in batch)
            count += append.Events;
        var (streams, versions, offsets) = (new string[count], new long[count], new long[count]);
        var (ids, payloads) = (new Guid[count], new byte[count][]);
        var (checkedStreams, expected) = (new string[batch.Count], new long[batch.Count]);
        var next = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var append = batch[i];
            var name = SampleLines.StreamNames[append.Stream];
            (checkedStreams[i], expected[i]) = (name, append.ExpectedVersion);
            for (var j = 0; j < append.Events; j++, next++)
            {
                (streams[next], versions[next], offsets[next]) = (name, append.ExpectedVersion + j + 1, next + 1);
                (ids[next], payloads[next]) = (
                    Guid.CreateVersion7(), SampleLines.Instance.Payload(append.FirstKey + j));
            }
        }
        object[] values = [_base, streams, versions, offsets, ids, payloads, checkedStreams, expected];
        for (var i = 0; i < values.Length; i++)
            _command.Parameters[i].Value = values[i];
        if (await _command.ExecuteNonQueryAsync() != count)
            throw new InvalidOperationException("The raw statement did not write the batch.");
        _base += count;
    }

    public async ValueTask DisposeAsync()
    {
        await _command.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private static string Statement(string events) => $"""
        WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock({LockClass}, 0) AS is_mine),
        held AS MATERIALIZED (
            SELECT clock_timestamp() AS moment FROM turn
            WHERE is_mine AND (SELECT max(position) FROM {events}) = $1 AND NOT EXISTS (
                SELECT FROM unnest($7, $8) AS s (stream, version)
                WHERE s.version <> (SELECT e.version FROM {events} e WHERE e.stream = s.stream ORDER BY e.version DESC LIMIT 1)))
        INSERT INTO {events} (position, version, recorded_at, id, schema_version, checksum, stream, type, payload)
        SELECT $1 + u.place, u.version, held.moment, u.id, 1, 0, u.stream, '{SampleLines.EventType}', u.payload
        FROM held, unnest($2, $3, $4, $5, $6) AS u (stream, version, place, id, payload)
        """;
}
