using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>The storage layouts of tenants.</summary>
public enum TenantStorageKind
{
    OneMemory,
    OneFile,
    FileEach,
    OneDatabase,
    DatabaseEach,
}

/// <summary>An empty storage for the tenants of a test, which several nodes open.</summary>
internal sealed class TenantTestStore : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());
    private static int _places;

    private readonly InMemoryStorage _memory = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-tenants-").FullName;
    private readonly string _connection;

    private TenantTestStore(TenantStorageKind kind, string connection) => (Kind, _connection) = (kind, connection);

    /// <summary>All layouts that are available here.</summary>
    public static TheoryData<TenantStorageKind> All => [.. Enum.GetValues<TenantStorageKind>().Where(IsHere)];

    /// <summary>The layouts with a store per tenant.</summary>
    public static TheoryData<TenantStorageKind> Own =>
        [.. new[] { TenantStorageKind.FileEach, TenantStorageKind.DatabaseEach }.Where(IsHere)];

    /// <summary>The layouts with a shared store.</summary>
    public static TheoryData<TenantStorageKind> Shared =>
        [
            .. new[] { TenantStorageKind.OneMemory, TenantStorageKind.OneFile, TenantStorageKind.OneDatabase }.Where(
                IsHere),
        ];

    public TenantStorageKind Kind { get; }

    public static async Task<TenantTestStore> Create(TenantStorageKind kind)
    {
        if (kind is not (TenantStorageKind.OneDatabase or TenantStorageKind.DatabaseEach))
            return new TenantTestStore(kind, "");
        var server = await Server.Value;
        return new TenantTestStore(kind, kind == TenantStorageKind.OneDatabase
            ? server.ConnectionString(await server.CreateDatabase())
            : server.ConnectionString($"place{Interlocked.Increment(ref _places)}_{{tenant}}"));
    }

    /// <summary>A database per tenant on the test's server.</summary>
    public static TenantTestStore On(PostgreSqlServer server, int connections) =>
        new(TenantStorageKind.DatabaseEach, server.ConnectionString("shop_{tenant}")) { Connections = connections };

    /// <summary>The connection limit of a node, when tenants have separate databases.</summary>
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

    /// <summary>The shared store with all tenants, as a tool opens it.</summary>
    public Task<EventStore> OpenWhole() => EventStore.Open(
        Kind switch
        {
            TenantStorageKind.OneMemory => _memory,
            TenantStorageKind.OneFile => new SqliteStorage(Path.Combine(_directory, "shop.db")),
            _ => new PostgreSqlStorage(_connection),
        },
        EventTypeMap.Empty);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static bool IsHere(TenantStorageKind kind) =>
        kind < TenantStorageKind.OneDatabase || PostgreSqlPrograms.ReasonToSkip is null;
}
