using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.PostgreSql;
using Npgsql;
using Servers;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// The measured PostgreSQL database. It is either an existing database or a private server with default settings, which
/// writes every commit to disk. Each store has its own schemas in the database.
/// </summary>
internal sealed class BenchDatabase : IBenchStorage, IAsyncDisposable
{
    private readonly PostgreSqlServer? _server;
    private readonly List<PostgreSqlStorage> _opened = [];
    private readonly int _run = Environment.ProcessId;
    private int _stores;

    private BenchDatabase(PostgreSqlServer? server, string connectionString) =>
        (_server, ConnectionString) = (server, connectionString);

    public string ConnectionString { get; }

    public string Prefix => "pg-";

    public string Description { get; private set; } = "";

    /// <summary>
    /// Gets whether the server is private, so that its processes are on this machine and can be inspected.
    /// </summary>
    public bool IsPrivate => _server is not null;

    /// <summary>Opens the database at an address, or starts a private server when the address is null.</summary>
    public static async Task<BenchDatabase> Open(string? address)
    {
        var server = address is null ? await PostgreSqlServer.Start(isDurable: true) : null;
        var database = new BenchDatabase(
            server,
            server?.ConnectionString() ?? PostgreSqlAddress.ToConnectionString(address!)); // Not null here.
        database.Description = await database.Ask(
            "SELECT version() || ', fsync=' || current_setting('fsync') || ', synchronous_commit='"
            + " || current_setting('synchronous_commit')");
        return database;
    }

    public async Task<IBenchStore> NewStore(BenchmarkRun run, long events, int streams) =>
        await NewSchemas(run, events, streams);

    /// <summary>Creates a store.</summary>
    public async Task<BenchStore> NewSchemas(BenchmarkRun run, long events, int streams)
    {
        var name = $"bench_{_run}_{++_stores}";
        var options = new PostgreSqlOptions
        {
            ConnectionString = ConnectionString,
            LogSchema = name,
            DocumentSchema = name + "_documents",
            MaxConnections = 40,
        };
        var store = new BenchStore(this, run, options);
        await Stores.Fill(new PostgreSqlStorage(options), events, streams);
        await store.Settle();
        return store;
    }

    public async Task<IServerMonitor?> Watch()
    {
        _opened.Clear();
        return await ServerMonitor.Begin(this);
    }

    /// <summary>Registers a storage, so that its commit statistics can be read.</summary>
    public PostgreSqlStorage Register(PostgreSqlStorage storage)
    {
        _opened.Add(storage);
        return storage;
    }

    /// <summary>Returns the number of batches that the registered storages wrote with one statement.</summary>
    public long FastCommits() => _opened.Sum(storage => storage.OptimisticCommits.Hits);

    /// <summary>Runs a statement and returns the first value of its result.</summary>
    public async Task<string> Ask(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 3_600 };
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
