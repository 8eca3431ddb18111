using Millrace.PostgreSql.Connections;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the session settings of a commit connection never leak to other users of the pool.</summary>
public sealed class CommitConnectionTests : StoreTests
{
    private const int Connections = 4;
    private const string Settings = """
        SELECT concat_ws(' ', current_setting('enable_seqscan'), current_setting('enable_bitmapscan'), current_setting('plan_cache_mode'),
            current_setting('lock_timeout'))
        """;
    private const string ServerDefaults = "on on auto 0";

    [PostgreSqlFact]
    public async Task A_connection_in_an_unknown_state_is_closed_and_not_reused()
    {
        await using var storage = await TestData.Open(Database, options => options.MaxConnections = Connections);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));

        int process;
        // The state of the connection is unknown, as after a failed rollback.
        await using (var commits = await storage.Database.ConnectToCommit(CancellationToken.None))
        {
            process = commits.ProcessID;
            Assert.Equal("off off force_generic_plan 15s", await Ask(commits, Settings));
            await Ask(commits, "BEGIN; SELECT 'in a transaction that nobody ends'");
        }

        await Eventually.Get(() => Exists(process), static exists => !exists);
        Assert.All(await AskEach(storage, Settings), settings => Assert.Equal(ServerDefaults, settings));
    }

    [PostgreSqlFact]
    public async Task Connections_of_a_shared_budget_keep_the_default_settings_after_a_commit()
    {
        var budget = new ConnectionBudget(Connections, TimeSpan.FromSeconds(60), TimeProvider.System);
        await using var storage = new PostgreSqlStorage(await TestServer.Options(Database), null, budget);
        await storage.Open(CancellationToken.None);
        for (var i = 0; i < 3; i++)
            await storage.Commit(TestData.Append("a", ExpectedVersion.AsRead(i), TestData.Event()));

        Assert.All(await AskEach(storage, Settings), settings => Assert.Equal(ServerDefaults, settings));
        Assert.Equal(2, storage.OptimisticCommits.Hits);
    }

    [PostgreSqlFact]
    public async Task A_node_does_not_exceed_the_maximum_number_of_connections()
    {
        await using var storage = await TestData.Open(Database, options => options.MaxConnections = Connections);
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            await storage.Commit(TestData.Append($"s-{i}", ExpectedVersion.NoStream, TestData.Event()));
            await storage.Log.GetHead(CancellationToken.None);
        })));

        await using var connection = await TestServer.Connect(Database);
        const string Count =
            "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND "
                + "application_name = 'millrace'";

        // The server needs a moment to end the connections that the store closed while it opened.
        await Eventually.Get(
            async () => int.Parse(await Ask(connection, Count), System.Globalization.CultureInfo.InvariantCulture),
            static count => count is >= 2 and <= Connections);
    }

    /// <summary>Runs a query on every connection of the pool, except the listening one.</summary>
    private static async Task<string[]> AskEach(PostgreSqlStorage storage, string sql)
    {
        var connections = new List<NpgsqlConnection>();
        try
        {
            for (var i = 0; i < Connections - 2; i++)
                connections.Add(await storage.Database.Connect(CancellationToken.None));
            return await Task.WhenAll(connections.Select(connection => Ask(connection, sql)));
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    private async Task<bool> Exists(int process)
    {
        await using var connection = await TestServer.Connect(Database);
        return await Ask(connection, $"SELECT count(*)::text FROM pg_stat_activity WHERE pid = {process}") != "0";
    }

    private static async Task<string> Ask(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string ?? "";
    }
}
