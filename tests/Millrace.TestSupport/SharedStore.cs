using Servers;
using Millrace.PostgreSql;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.TestSupport;

/// <summary>Specifies the storage of a test store.</summary>
public enum StoreKind
{
    Memory,
    Sqlite,
    PostgreSql,
}

/// <summary>An empty store for one test, which several nodes can open.</summary>
internal sealed class SharedStore : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());

    private readonly InMemoryStorage _memory = new();
    private readonly ShopFile _file = new();
    private readonly string? _connection;

    private SharedStore(StoreKind kind, string? connection) => (Kind, _connection) = (kind, connection);

    /// <summary>Gets all kinds of stores that are available on this machine.</summary>
    public static IReadOnlyList<StoreKind> All { get; } = PostgreSqlPrograms.ReasonToSkip is null
        ? [StoreKind.Memory, StoreKind.Sqlite, StoreKind.PostgreSql]
        : [StoreKind.Memory, StoreKind.Sqlite];

    private StoreKind Kind { get; }

    /// <summary>Gets the connection string of the database; null if the store is not in PostgreSQL.</summary>
    public string? ConnectionString => _connection;

    /// <summary>Gets the path of the SQLite file.</summary>
    public string File => _file.Path;

    public static async Task<SharedStore> Create(StoreKind kind)
    {
        if (kind != StoreKind.PostgreSql)
            return new SharedStore(kind, null);
        var server = await Server.Value;
        return new SharedStore(kind, server.ConnectionString(await server.CreateDatabase()));
    }

    /// <summary>Returns the storage for one node.</summary>
    public IStorage Open() => Open(PostgreSqlClock.Database);

    /// <summary>Returns the storage for one node, which records the times of the node.</summary>
    public IStorage OpenWithNodeClock() => Open(PostgreSqlClock.Node);

    public void Dispose() => _file.Dispose();

    private IStorage Open(PostgreSqlClock clock) => Kind switch
    {
        StoreKind.Memory => _memory,
        StoreKind.Sqlite => _file.Open(),
        _ => new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = _connection!, // Not null for this kind.
            Clock = clock,
            // A node on a busy machine is slow, but not frozen.
            HoldTimeout = TimeSpan.FromSeconds(30),
        }),
    };
}
