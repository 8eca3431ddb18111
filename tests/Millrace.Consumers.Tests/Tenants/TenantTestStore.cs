using Microsoft.Data.Sqlite;
using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Npgsql;

namespace Millrace.Tests;

/// <summary>The storage layouts of tenants: one store for all tenants, or a store for each tenant.</summary>
public enum TenantStorageKind
{
    OneMemory,
    OneFile,
    FileEach,
    OneDatabase,
    DatabaseEach,
}

/// <summary>An empty storage for the tenants of a test. Several nodes can open it.</summary>
internal sealed class TenantTestStore : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());
    private static int _stores;

    private readonly InMemoryStorage _memory = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-tenants-").FullName;
    private readonly string _connection;

    private TenantTestStore(TenantStorageKind kind, string connection) => (Kind, _connection) = (kind, connection);

    /// <summary>Gets all layouts that are available on this machine.</summary>
    public static TheoryData<TenantStorageKind> All => [.. Enum.GetValues<TenantStorageKind>().Where(IsAvailable)];

    /// <summary>Gets the layouts with a store per tenant.</summary>
    public static TheoryData<TenantStorageKind> Separate =>
        [.. new[] { TenantStorageKind.FileEach, TenantStorageKind.DatabaseEach }.Where(IsAvailable)];

    /// <summary>Gets the layouts with a shared store.</summary>
    public static TheoryData<TenantStorageKind> Shared =>
        [
            .. new[] { TenantStorageKind.OneMemory, TenantStorageKind.OneFile, TenantStorageKind.OneDatabase }.Where(
                IsAvailable),
        ];

    public TenantStorageKind Kind { get; }

    public static async Task<TenantTestStore> Create(TenantStorageKind kind)
    {
        if (kind is not (TenantStorageKind.OneDatabase or TenantStorageKind.DatabaseEach))
            return new TenantTestStore(kind, "");
        var server = await Server.Value;
        return new TenantTestStore(kind, kind == TenantStorageKind.OneDatabase
            ? server.ConnectionString(await server.CreateDatabase())
            : server.ConnectionString($"place{Interlocked.Increment(ref _stores)}_{{tenant}}"));
    }

    /// <summary>Creates a test store with a database per tenant on the given server.</summary>
    public static TenantTestStore CreateOn(PostgreSqlServer server, int connections) =>
        new(TenantStorageKind.DatabaseEach, server.ConnectionString("shop_{tenant}")) { Connections = connections };

    /// <summary>Gets the connection limit of a node when tenants have separate databases.</summary>
    private int Connections { get; init; } = 20;

    public MillraceBuilder AddTo(MillraceBuilder builder) =>
        Kind switch
        {
            TenantStorageKind.OneMemory => builder.UseStorage(_ => _memory).WithTenants(),
            TenantStorageKind.OneFile => builder.UseSqlite(Path.Combine(_directory, "shop.db")).WithTenants(),
            TenantStorageKind.FileEach => builder.UseSqlite(Path.Combine(_directory, "shops", "{tenant}.db")),
            TenantStorageKind.OneDatabase => builder.UsePostgreSql(_connection).WithTenants(),
            _ => builder.UsePostgreSql(options =>
                (options.ConnectionString, options.MaxConnections) = (_connection, Connections)),
        };

    /// <summary>Opens the shared store of all tenants, as a tool does.</summary>
    public Task<EventStore> OpenSharedStore() => EventStore.Open(
        Kind switch
        {
            TenantStorageKind.OneMemory => _memory,
            TenantStorageKind.OneFile => new SqliteStorage(Path.Combine(_directory, "shop.db")),
            _ => new PostgreSqlStorage(_connection),
        },
        EventTypeMap.Empty);

    /// <summary>Gets the layouts in files and databases, which a test can manipulate with SQL.</summary>
    public static TheoryData<TenantStorageKind> Sql =>
        [.. Enum.GetValues<TenantStorageKind>().Where(kind => kind > TenantStorageKind.OneMemory && IsAvailable(kind))];

    /// <summary>Gets whether the tenants share a store.</summary>
    public bool IsShared => Kind is not (TenantStorageKind.FileEach or TenantStorageKind.DatabaseEach);

    /// <summary>Returns the storage with the whole log in which the events of a tenant are stored.</summary>
    public IStorage WholeStorageOf(string tenant) => Kind switch
    {
        TenantStorageKind.OneMemory => _memory,
        TenantStorageKind.OneFile or TenantStorageKind.FileEach => new SqliteStorage(FileOf(tenant)),
        _ => new PostgreSqlStorage(ConnectionOf(tenant)),
    };

    /// <summary>Replaces the payload of the first event of a tenant's stream, as a user of the database can.</summary>
    public async Task ReplaceFirstPayload(string tenant, string stream)
    {
        var name = IsShared ? $"{tenant}/{stream}" : stream;
        if (Kind is TenantStorageKind.OneFile or TenantStorageKind.FileEach)
        {
            await using var file = new SqliteConnection($"Data Source={FileOf(tenant)};Pooling=False");
            await file.OpenAsync();
            await using var update = file.CreateCommand();
            update.CommandText =
                "UPDATE events SET payload = x'7b7d' WHERE version = 1 "
                + "AND stream = (SELECT id FROM streams WHERE name = $name)";
            update.Parameters.AddWithValue("$name", name);
            Assert.Equal(1, await update.ExecuteNonQueryAsync());
            return;
        }
        await using var connection = new NpgsqlConnection(ConnectionOf(tenant) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "UPDATE millrace.events SET payload = '{}' WHERE version = 1 AND stream = @name";
        command.Parameters.AddWithValue("name", name);
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>Gets the connection string of the database that all tenants share.</summary>
    public string SharedConnection => _connection;

    private string FileOf(string tenant) => Kind == TenantStorageKind.OneFile
        ? Path.Combine(_directory, "shop.db")
        : Path.Combine(_directory, "shops", tenant + ".db");

    private string ConnectionOf(string tenant) => _connection.Replace("{tenant}", tenant, StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static bool IsAvailable(TenantStorageKind kind) =>
        kind < TenantStorageKind.OneDatabase || PostgreSqlPrograms.ReasonToSkip is null;
}
