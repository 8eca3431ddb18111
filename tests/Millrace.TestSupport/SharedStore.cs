using Servers;
using Millrace.PostgreSql;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.TestSupport;

/// <summary>Where a store is.</summary>
public enum StoreKind
{
    Memory,
    Sqlite,
    PostgreSql,
}

/// <summary>An empty store of a test's own that several nodes open.</summary>
internal sealed class SharedStore : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());

    private readonly InMemoryStorage _memory = new();
    private readonly ShopFile _file = new();
    private readonly string? _connection;

    private SharedStore(StoreKind kind, string? connection) => (Kind, _connection) = (kind, connection);

    /// <summary>All kinds that can be had here.</summary>
    public static TheoryData<StoreKind> Kinds => [.. All];

    /// <summary>The same, without a test's form.</summary>
    public static IReadOnlyList<StoreKind> All { get; } = PostgreSqlPrograms.ReasonToSkip is null
        ? [StoreKind.Memory, StoreKind.Sqlite, StoreKind.PostgreSql]
        : [StoreKind.Memory, StoreKind.Sqlite];

    private StoreKind Kind { get; }

    public static async Task<SharedStore> Create(StoreKind kind)
    {
        if (kind != StoreKind.PostgreSql)
            return new SharedStore(kind, null);
        var server = await Server.Value;
        return new SharedStore(kind, server.ConnectionString(await server.CreateDatabase()));
    }

    /// <summary>The way of one node to it.</summary>
    public IStorage Open() => Kind switch
    {
        StoreKind.Memory => _memory,
        StoreKind.Sqlite => _file.Open(),
        _ => new PostgreSqlStorage(_connection!), // Given for this kind.
    };

    public void Dispose() => _file.Dispose();
}
