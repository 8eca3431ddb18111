using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests the check whether the database answers.</summary>
public sealed class PingTests : StoreTests
{
    [PostgreSqlFact]
    public async Task A_database_answers_although_all_connections_of_the_pool_are_in_use()
    {
        await using var storage = await TestData.Open(Database, options => options.MaxConnections = 3);
        var used = new List<NpgsqlConnection>();
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            while (!limit.IsCancellationRequested)
            {
                try
                {
                    used.Add(await storage.Database.Connect(limit.Token));
                }
                catch (OperationCanceledException)
                {
                    // The pool is empty.
                }
            }
            Assert.InRange(used.Count, 1, 3);

            await storage.Ping(CancellationToken.None);
        }
        finally
        {
            foreach (var connection in used)
                await connection.DisposeAsync();
        }
    }

    [PostgreSqlFact]
    public async Task A_check_uses_the_connection_of_the_last_one_or_opens_another_one()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Ping(CancellationToken.None);
        var before = await Pings();

        await storage.Ping(CancellationToken.None);
        Assert.Equal(before, await Pings());
        await TerminateAll();
        await storage.Ping(CancellationToken.None);

        Assert.NotEqual(before, await Pings());
    }

    [PostgreSqlFact]
    public async Task A_silent_connection_does_not_delay_the_next_check()
    {
        var server = await TestServer.Server;
        await using var proxy = new TcpProxy(server.Port);
        await using var storage = await TestData.Open(
            Database,
            options => options.ConnectionString =
                new NpgsqlConnectionStringBuilder(options.ConnectionString) { Port = proxy.Port }.ConnectionString);
        await storage.Ping(CancellationToken.None);

        proxy.Silence();
        var hanging = storage.Ping(CancellationToken.None).AsTask();
        var failure = await Assert.ThrowsAsync<StorageException>(() => storage.Ping(CancellationToken.None).AsTask());
        Assert.True(failure.IsTransient);

        proxy.Restore();
        await storage.Ping(CancellationToken.None);
        await hanging.ContinueWith(static ended => _ = ended.Exception, TaskScheduler.Default);
    }

    /// <summary>Returns the process of the back-end whose last statement was a check.</summary>
    private async Task<int> Pings()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(
            """
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND query = 'SELECT 1' ORDER BY backend_start DESC LIMIT 1
            """,
            connection);
        return Assert.IsType<int>(await command.ExecuteScalarAsync());
    }

    private async Task TerminateAll()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """,
            connection);
        await command.ExecuteNonQueryAsync();
    }
}
