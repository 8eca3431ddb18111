using System.Collections.Concurrent;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>The server of a test run, with a template of an empty store. It stops with the process.</summary>
internal static class TestServer
{
    private const string Template = "store_template";

    // Creating and dropping a database takes many times as long as most tests: clean databases are reused.
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

    /// <summary>Returns an open connection to one of its databases, without a pool.</summary>
    public static async Task<NpgsqlConnection> Connect(string database)
    {
        var connection = new NpgsqlConnection((await Server).ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A database with an empty store in it.</summary>
    public static async Task<string> CreateStore() =>
        Free.TryDequeue(out var database) ? database : await (await Server).CreateDatabase(Template);

    /// <summary>Returns a store, to be emptied and reused by another test.</summary>
    public static async Task Return(string database)
    {
        await (await Server).Execute(Clean, database);
        Free.Enqueue(database);
    }

    /// <summary>Options for a database, with times for tests and timeouts for a busy machine.</summary>
    public static async Task<PostgreSqlOptions> Options(string database) =>
        new()
        {
            ConnectionString = (await Server).ConnectionString(database),
            Clock = PostgreSqlClock.Node,
            PollInterval = TimeSpan.FromMilliseconds(200),
            // No node freezes unintentionally; a node on a busy machine only seems to.
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
