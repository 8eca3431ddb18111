using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>How tenants are kept.</summary>
public enum TenantStorageKind
{
    OneMemory,
    OneFile,
    FileEach,
    OneDatabase,
    DatabaseEach,
}

/// <summary>An empty place for tenants of a test's own, which several nodes open.</summary>
internal sealed class TenantTestStore : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());
    private static int _places;

    private readonly InMemoryStorage _memory = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-tenants-").FullName;
    private readonly string _connection;

    private TenantTestStore(TenantStorageKind kind, string connection) => (Kind, _connection) = (kind, connection);

    /// <summary>All that can be had here.</summary>
    public static TheoryData<TenantStorageKind> All => [.. Enum.GetValues<TenantStorageKind>().Where(IsHere)];

    /// <summary>Those in which each tenant has a store of its own.</summary>
    public static TheoryData<TenantStorageKind> Own =>
        [.. new[] { TenantStorageKind.FileEach, TenantStorageKind.DatabaseEach }.Where(IsHere)];

    /// <summary>Those in which all share one.</summary>
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

    /// <summary>A database each on a server of the test's own.</summary>
    public static TenantTestStore On(PostgreSqlServer server, int connections) =>
        new(TenantStorageKind.DatabaseEach, server.ConnectionString("shop_{tenant}")) { Connections = connections };

    /// <summary>The most connections of a node, where tenants have a database each.</summary>
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

    /// <summary>The shared store with all tenants in it, as a tool opens it.</summary>
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
