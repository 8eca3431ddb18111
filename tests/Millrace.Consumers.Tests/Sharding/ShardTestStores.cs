using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>The stores of shards. Several nodes can open them.</summary>
public enum ShardStorageKind
{
    Memory,
    Files,
    Databases,
}

/// <summary>
/// The stores of an application with shards, by the names of the shards. They are created on first use.
/// </summary>
internal sealed class ShardTestStores : IDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());

    private readonly Dictionary<string, FaultyStorage> _memory = [];
    private readonly Dictionary<string, string> _databases = [];
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-shards-").FullName;

    public ShardStorageKind Kind { get; init; }

    public static TheoryData<ShardStorageKind> All =>
        [.. Enum.GetValues<ShardStorageKind>().Where(static kind =>
            kind != ShardStorageKind.Databases || PostgreSqlPrograms.ReasonToSkip is null)];

    /// <summary>Creates the stores of a test; only databases have to be known before.</summary>
    public static async Task<ShardTestStores> Create(ShardStorageKind kind, params string[] names)
    {
        var stores = new ShardTestStores { Kind = kind };
        if (kind != ShardStorageKind.Databases)
            return stores;
        var server = await Server.Value;
        foreach (var name in names)
            stores._databases[name] = server.ConnectionString(await server.CreateDatabase());
        return stores;
    }

    /// <summary>Returns the storage in memory, which a test can disconnect.</summary>
    public FaultyStorage MemoryOf(string name)
    {
        lock (_memory)
        {
            return _memory.TryGetValue(name, out var known)
                ? known
                : _memory[name] = new FaultyStorage(new InMemoryStorage());
        }
    }

    /// <summary>Makes a store have another name, as a wrong address does.</summary>
    public void Exchange(string name, string other)
    {
        (_memory[name], _memory[other]) = (MemoryOf(other), MemoryOf(name));
    }

    /// <summary>Chooses the store of a shard.</summary>
    public MillraceBuilder Use(MillraceBuilder builder, string name) => Kind switch
    {
        ShardStorageKind.Memory => builder.UseStorage(_ => MemoryOf(name)),
        ShardStorageKind.Files => builder.UseSqlite(FileOf(name)),
        _ => builder.UsePostgreSql(_databases[name]),
    };

    /// <summary>Opens the whole store of a shard, as a tool does.</summary>
    public Task<EventStore> Open(string name)
    {
        IStorage storage = Kind switch
        {
            ShardStorageKind.Memory => MemoryOf(name),
            ShardStorageKind.Files => new SqliteStorage(FileOf(name)),
            _ => new PostgreSqlStorage(_databases[name]),
        };
        return EventStore.Open(storage, EventTypeMap.Empty);
    }

    /// <summary>Starts a node of an application whose tenants are distributed over shards.</summary>
    public Task<ShardApp> Start(params string[] names) => Start(configure: null, names);

    /// <summary>Starts a node with further parts of the application.</summary>
    public async Task<ShardApp> Start(Action<MillraceBuilder>? configure, params string[] names) =>
        await ShardApp.Start(
            millrace => millrace.UseShards(shards =>
            {
                foreach (var name in names)
                    shards.Add(name, store => Use(store, name));
                shards.PlaceByTenant().Configure(ShardApp.UseShortIntervals);
            }),
            configure);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Returns the path of the file of a shard.</summary>
    public string FileOf(string name) => Path.Combine(_directory, name + ".db");
}
