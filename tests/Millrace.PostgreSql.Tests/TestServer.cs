using System.Collections.Concurrent;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>The one server of a run of tests, with a template of an empty store. It ends with the process.</summary>
internal static class TestServer
{
    private const string Template = "store_template";

    // Making and dropping a database takes many times as long as most tests: what is clean again is used again.
    private const string Clean = """
        TRUNCATE millrace.events, millrace.stream_bounds, millrace.removals, millrace.claims, millrace.handled, millrace.consumers,
            millrace.paused_consumers, millrace.dead_letters, millrace.nodes, millrace.collections, millrace.read_models,
            millrace.retired_collections RESTART IDENTITY;
        UPDATE millrace.header SET epoch = 1, turn = 1;
        ALTER SEQUENCE millrace.document_versions RESTART;
        DROP SCHEMA millrace_documents CASCADE;
        CREATE SCHEMA millrace_documents;
        DROP TABLE IF EXISTS mine;
        """;

    private static readonly Lazy<Task<PostgreSqlServer>> Started = new(Start);
    private static readonly ConcurrentQueue<string> Free = new();

    /// <summary>The server.</summary>
    public static Task<PostgreSqlServer> Server => Started.Value;

    /// <summary>A connection to a database of it that is not from a pool, open.</summary>
    public static async Task<NpgsqlConnection> Connect(string database)
    {
        var connection = new NpgsqlConnection((await Server).ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A database with an empty store in it.</summary>
    public static async Task<string> CreateStore() =>
        Free.TryDequeue(out var database) ? database : await (await Server).CreateDatabase(Template);

    /// <summary>Gives a store back, to be emptied and used by another test.</summary>
    public static async Task Return(string database)
    {
        await (await Server).Execute(Clean, database);
        Free.Enqueue(database);
    }

    /// <summary>Options for a database; times are the test's own, and waits long enough for a busy machine.</summary>
    public static async Task<PostgreSqlOptions> Options(string database) =>
        new()
        {
            ConnectionString = (await Server).ConnectionString(database),
            Clock = PostgreSqlClock.Node,
            PollInterval = TimeSpan.FromMilliseconds(200),
            // Nobody freezes but on purpose; a node on a busy machine only seems to.
            HoldTimeout = TimeSpan.FromSeconds(30),
            LockTimeout = TimeSpan.FromSeconds(60),
        };

    private static async Task<PostgreSqlServer> Start()
    {
        var server = await PostgreSqlServer.Start();
        await server.Execute($"CREATE DATABASE {Template}");
        await using (var storage = new PostgreSqlStorage(server.ConnectionString(Template)))
            await storage.Open(CancellationToken.None);
        return server;
    }
}
