using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>How tenants are kept.</summary>
public enum TenantPlaces
{
    OneMemory,
    OneFile,
    FileEach,
    OneDatabase,
    DatabaseEach,
}

/// <summary>An empty place for tenants of a test's own, which several nodes open.</summary>
internal sealed class TenantPlace : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());
    private static int _places;

    private readonly InMemoryStorage _memory = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-tenants-").FullName;
    private readonly string _connection;

    private TenantPlace(TenantPlaces kind, string connection) => (Kind, _connection) = (kind, connection);

    /// <summary>All that can be had here.</summary>
    public static TheoryData<TenantPlaces> All => [.. Enum.GetValues<TenantPlaces>().Where(IsHere)];

    /// <summary>Those in which each tenant has a store of its own.</summary>
    public static TheoryData<TenantPlaces> Own => [.. new[] { TenantPlaces.FileEach, TenantPlaces.DatabaseEach }.Where(IsHere)];

    /// <summary>Those in which all share one.</summary>
    public static TheoryData<TenantPlaces> Shared =>
        [.. new[] { TenantPlaces.OneMemory, TenantPlaces.OneFile, TenantPlaces.OneDatabase }.Where(IsHere)];

    public TenantPlaces Kind { get; }

    public static async Task<TenantPlace> Create(TenantPlaces kind)
    {
        if (kind is not (TenantPlaces.OneDatabase or TenantPlaces.DatabaseEach))
            return new TenantPlace(kind, "");
        var server = await Server.Value;
        return new TenantPlace(kind, kind == TenantPlaces.OneDatabase
            ? server.ConnectionString(await server.CreateDatabase())
            : server.ConnectionString($"place{Interlocked.Increment(ref _places)}_{{tenant}}"));
    }

    /// <summary>A database each on a server of the test's own.</summary>
    public static TenantPlace On(PostgreSqlServer server, int connections) =>
        new(TenantPlaces.DatabaseEach, server.ConnectionString("shop_{tenant}")) { Connections = connections };

    /// <summary>The most connections of a node, where tenants have a database each.</summary>
    private int Connections { get; init; } = 20;

    public MillraceBuilder AddTo(MillraceBuilder builder) => Kind switch
    {
        TenantPlaces.OneMemory => builder.UseStorage(_ => _memory).WithTenants(),
        TenantPlaces.OneFile => builder.UseSqlite(Path.Combine(_directory, "shop.db")).WithTenants(),
        TenantPlaces.FileEach => builder.UseSqlite(Path.Combine(_directory, "shops", "{tenant}.db")),
        TenantPlaces.OneDatabase => builder.UsePostgreSql(_connection).WithTenants(),
        _ => builder.UsePostgreSql(options => (options.ConnectionString, options.MaxConnections) = (_connection, Connections)),
    };

    /// <summary>The shared store with all tenants in it, as a tool opens it.</summary>
    public Task<EventStore> OpenWhole() => EventStore.Open(
        Kind switch
        {
            TenantPlaces.OneMemory => _memory,
            TenantPlaces.OneFile => new SqliteStorage(Path.Combine(_directory, "shop.db")),
            _ => new PostgreSqlStorage(_connection),
        },
        EventTypeMap.Empty);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static bool IsHere(TenantPlaces kind) =>
        kind < TenantPlaces.OneDatabase || PostgreSqlPrograms.ReasonToSkip is null;
}
