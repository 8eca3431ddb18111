using Millrace.Benchmarks.Data;
using Millrace.PostgreSql;
using Npgsql;
using Servers;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// The database that is measured on: one that was named, or a private server with the settings of a fresh installation, so that every
/// commit is on disk. Each round has schemas of its own in it.
/// </summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly PostgreSqlServer? _server;
    private int _rounds;

    private BenchDatabase(PostgreSqlServer? server, string connectionString) => (_server, ConnectionString) = (server, connectionString);

    public string ConnectionString { get; }

    /// <summary>What it says of itself.</summary>
    public string Version { get; private set; } = "";

    /// <summary>Opens the database named, or starts a server where none is.</summary>
    public static async Task<BenchDatabase> Open(string? address)
    {
        var server = address is null ? await PostgreSqlServer.Start(isDurable: true) : null;
        var database = new BenchDatabase(
            server, server?.ConnectionString() ?? PostgreSqlAddress.ToConnectionString(address!)); // One of the two is there.
        database.Version = await database.Ask("SELECT version()");
        return database;
    }

    /// <summary>Makes a store whose streams have one event each.</summary>
    public async Task<BenchStore> NewStore()
    {
        var number = ++_rounds;
        var options = new PostgreSqlOptions
        {
            ConnectionString = ConnectionString, LogSchema = $"bench_{number}", DocumentSchema = $"bench_{number}_documents",
        };
        await using (var store = await Stores.Open(new PostgreSqlStorage(options)))
            await Stores.Fill(store, SampleLines.Keys);
        await Ask($"ANALYZE {options.LogSchema}.events; CHECKPOINT; SELECT ''");
        return new BenchStore(this, options);
    }

    /// <summary>Runs statements and returns the last value.</summary>
    public async Task<string> Ask(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>The schemas of one round, dropped at its end.</summary>
internal sealed class BenchStore(BenchDatabase database, PostgreSqlOptions options) : IAsyncDisposable
{
    public PostgreSqlOptions Options => options;

    public PostgreSqlStorage NewStorage() => new(options);

    public async ValueTask DisposeAsync() =>
        await database.Ask($"DROP SCHEMA {options.LogSchema}, {options.DocumentSchema} CASCADE; SELECT ''");
}
