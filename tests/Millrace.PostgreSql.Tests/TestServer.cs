using Servers;

namespace Millrace.PostgreSql.Tests;

/// <summary>The one server of a run of tests, with a template of an empty store. It ends with the process.</summary>
internal static class TestServer
{
    private const string Template = "store_template";

    private static readonly Lazy<Task<PostgreSqlServer>> Started = new(Start);

    /// <summary>The server.</summary>
    public static Task<PostgreSqlServer> Server => Started.Value;

    /// <summary>Makes a database with an empty store in it.</summary>
    public static async Task<string> CreateStore() => await (await Server).CreateDatabase(Template);

    /// <summary>Options for a database; times are the test's own.</summary>
    public static async Task<PostgreSqlOptions> Options(string database) => new()
    {
        ConnectionString = (await Server).ConnectionString(database),
        Clock = PostgreSqlClock.Node,
        PollInterval = TimeSpan.FromMilliseconds(200),
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
