using Millrace.Benchmarks.Storages;
using Npgsql;
using NpgsqlTypes;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>Writes rows to a separate table, with one prepared statement per batch.</summary>
internal sealed class TableRows : IRowWriter
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;

    private TableRows(NpgsqlConnection connection, NpgsqlCommand insert) =>
        (_connection, _insert) = (connection, insert);

    public static string NameIn(BenchStore store) => store.Options.LogSchema + ".rows";

    public static string CreateIn(BenchStore store) =>
        $"CREATE TABLE {NameIn(store)} (id text PRIMARY KEY, body bytea NOT NULL)";

    public static async Task<TableRows> Open(BenchStore store)
    {
        await store.Database.Ask(CreateIn(store));
        var connection = new NpgsqlConnection(store.Options.ConnectionString);
        await connection.OpenAsync();
        var insert = new NpgsqlCommand(
            $"INSERT INTO {NameIn(store)} (id, body) SELECT * FROM unnest($1, $2) ON CONFLICT DO NOTHING", connection);
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        insert.Parameters[0].Value = Array.Empty<string>();
        insert.Parameters[1].Value = Array.Empty<byte[]>();
        await insert.PrepareAsync();
        return new TableRows(connection, insert);
    }

    public async ValueTask Write(IReadOnlyList<(string Id, ReadOnlyMemory<byte> Body)> rows)
    {
        var (ids, bodies) = (new string[rows.Count], new ReadOnlyMemory<byte>[rows.Count]);
        for (var i = 0; i < ids.Length; i++)
            (ids[i], bodies[i]) = rows[i];
        (_insert.Parameters[0].Value, _insert.Parameters[1].Value) = (ids, bodies);
        await _insert.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
