using System.Collections.Concurrent;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>The server of a test run, with a template of an empty store. The server stops with the process.</summary>
internal static class TestServer
{
    private const string Template = "store_template";

    // Tests reuse clean databases, because creating and dropping a database takes much longer than most tests.
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

    /// <summary>Gets the server.</summary>
    public static Task<PostgreSqlServer> Server => Started.Value;

    /// <summary>Returns an open connection to a database of the server, without a pool.</summary>
    public static async Task<NpgsqlConnection> Connect(string database)
    {
        var connection = new NpgsqlConnection((await Server).ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Returns the name of a database with an empty store.</summary>
    public static async Task<string> CreateStore() =>
        Free.TryDequeue(out var database) ? database : await (await Server).CreateDatabase(Template);

    /// <summary>Empties a store, so that another test can reuse it.</summary>
    public static async Task Return(string database)
    {
        await (await Server).Execute(Clean, database);
        Free.Enqueue(database);
    }

    /// <summary>
    /// Returns options for a database, with short intervals for tests and long timeouts for a busy machine.
    /// </summary>
    public static async Task<PostgreSqlOptions> Options(string database) =>
        new()
        {
            ConnectionString = (await Server).ConnectionString(database),
            Clock = PostgreSqlClock.Node,
            PollInterval = TimeSpan.FromMilliseconds(200),
            // A node on a busy machine is slow, but not frozen.
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
