using Millrace.PostgreSql;
using Millrace.Sqlite;
using Millrace.Storage;
using Millrace.Storage.Moves;

namespace Millrace.Moves.Tests;

/// <summary>A file and a database between which stores are moved.</summary>
internal sealed class MoveStores : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgreSqlServer>> Server = new(() => PostgreSqlServer.Start());

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-moves-").FullName;

    private MoveStores(PostgreSqlServer server, string database) =>
        (Database, ConnectionString) = (database, server.ConnectionString(database));

    public string Database { get; }

    public string ConnectionString { get; }

    public string File => Path.Combine(_directory, "shop.db");

    public static async Task<MoveStores> Create()
    {
        var server = await Server.Value;
        return new MoveStores(server, await server.CreateDatabase());
    }

    /// <summary>Returns a new, unopened storage on the file.</summary>
    public SqliteStorage Sqlite() => new(new SqliteOptions { Path = File });

    /// <summary>Returns a new, unopened storage on the database.</summary>
    public PostgreSqlStorage PostgreSql() => new(new PostgreSqlOptions
    {
        ConnectionString = ConnectionString,
        HoldTimeout = TimeSpan.FromSeconds(30), // A node on a busy machine is slow, but not frozen.
    });

    /// <summary>Returns a new, unopened storage on the database that uses the clock of the node.</summary>
    public PostgreSqlStorage PostgreSqlWithNodeClock() =>
        new(new PostgreSqlOptions
        {
            ConnectionString = ConnectionString,
            Clock = PostgreSqlClock.Node,
            HoldTimeout = TimeSpan.FromSeconds(30), // A node on a busy machine is slow, but not frozen.
        });

    /// <summary>Appends events to the file in batches of a hundred.</summary>
    public async Task Fill(int events)
    {
        await using var store = await EventStore.Open(Sqlite(), EventTypeMap.Empty);
        var payload = new byte[300];
        Array.Fill(payload, (byte)' ');
        (payload[0], payload[^1]) = ((byte)'{', (byte)'}');
        for (var i = 0; i < events / 100; i++)
        {
            await store.Append(
                new StreamId($"old-{i % 1_000}"), ExpectedVersion.Any,
                [.. Enumerable.Range(0, 100).Select(_ => NewEvent.FromBytes("old.thing", payload))]);
        }
    }

    /// <summary>
    /// Returns the store that applications can use, or null between the switch and the last step of a move.
    /// </summary>
    public async Task<string?> FindOpen()
    {
        foreach (IStorage storage in new IStorage[] { Sqlite(), PostgreSql() })
        {
            await using var _ = storage;
            if (await ((IMovableStorage)storage).Moves.GetState(default) is
                { Header: not null, Role: MoveRole.None or MoveRole.Source }
            )
                return storage.Description;
        }
        return null;
    }

    /// <summary>Executes a statement in the database.</summary>
    public async Task Execute(string sql) => await (await Server.Value).Execute(sql, Database);

    public async ValueTask DisposeAsync()
    {
        await (await Server.Value).DropDatabase(Database);
        Directory.Delete(_directory, recursive: true);
    }
}
