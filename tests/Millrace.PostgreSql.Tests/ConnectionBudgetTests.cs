using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that all databases together do not exceed the connection limit under any load.</summary>
public sealed class ConnectionBudgetTests
{
    private const int Workers = 60;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [PostgreSqlFact]
    public async Task Several_pools_together_do_not_exceed_the_connection_limit()
    {
        await using var testPools = await TestPools.Make(pools: 6, limit: 4, WaitTimeout);

        await Task.WhenAll(
            Enumerable
                .Range(0, Workers)
                .Select(worker =>
                    Task.Run(async () =>
                    {
                        var random = new Random(worker);
                        for (var i = 0; i < 16; i++)
                        {
                            await using var connection = await testPools
                                .Pools[random.Next(testPools.Pools.Count)]
                                .Open(CancellationToken.None);
                            await using var command = new NpgsqlCommand(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'budget'")
                            {
                                Connection = connection,
                            };
                            testPools.Observe((long)(await command.ExecuteScalarAsync())!);
                            Assert.InRange(testPools.Budget.OpenCount, 1, 4);
                        }
                    })
                )
        );

        // Under load, the server needs a moment to end closed connections. New connections still see these.
        Assert.InRange(testPools.MaxSeenConnections, 1, Workers - 10);
        Assert.InRange(testPools.Budget.OpenCount, 1, 4);
        Assert.All(testPools.Pools, pool => Assert.Equal(0, pool.InUseCount));
    }

    [PostgreSqlFact]
    public async Task A_caller_waits_for_a_free_connection_and_gives_up_after_the_timeout()
    {
        await using var impatient = await TestPools.Make(pools: 2, limit: 1, TimeSpan.FromSeconds(1));
        await using var testPools = await TestPools.Make(pools: 2, limit: 1, WaitTimeout);

        await using var only = await impatient.Pools[0].Open(CancellationToken.None);
        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            impatient.Pools[1].Open(CancellationToken.None).AsTask());
        var held = await testPools.Pools[0].Open(CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        var waits = testPools.Pools[1].Open(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await held.DisposeAsync();
        await using var other = await testPools.Pools[1].Open(CancellationToken.None);

        Assert.Equal((StorageProblem.Busy, true), (refused.Problem, refused.IsTransient));
        Assert.Contains("MaxConnections", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            (0, 1, 1), (testPools.Pools[0].OpenCount, testPools.Pools[1].OpenCount, testPools.Budget.OpenCount));
    }

    [PostgreSqlFact]
    public async Task A_connection_that_cannot_be_opened_does_not_use_up_the_limit()
    {
        await using var testPools = await TestPools.Make(pools: 1, limit: 2, WaitTimeout);
        await using var unreachable = testPools.Budget.Add(
            NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1"));

        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => unreachable.Open(CancellationToken.None).AsTask());
        await using var firstConnection = await testPools.Pools[0].Open(CancellationToken.None);
        await using var secondConnection = await testPools.Pools[0].Open(CancellationToken.None);

        Assert.Equal((0, 2), (unreachable.OpenCount, testPools.Budget.OpenCount));
    }

    [PostgreSqlFact]
    public async Task A_connection_that_the_server_ends_no_longer_uses_up_the_limit()
    {
        await using var testPools = await TestPools.Make(pools: 1, limit: 1, WaitTimeout);

        for (var i = 0; i < 3; i++)
        {
            await using var connection = await testPools.Pools[0].Open(CancellationToken.None);
            await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pg_backend_pid())", connection);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteNonQueryAsync());
        }

        Assert.Equal(0, testPools.Pools[0].InUseCount);
    }

    private sealed class TestPools : IAsyncDisposable
    {
        private long _maxSeenConnections;

        private TestPools(ConnectionBudget budget, IReadOnlyList<BudgetedPool> pools) =>
            (Budget, Pools) = (budget, pools);

        public ConnectionBudget Budget { get; }

        public IReadOnlyList<BudgetedPool> Pools { get; }

        public long MaxSeenConnections => Interlocked.Read(ref _maxSeenConnections);

        public static async Task<TestPools> Make(int pools, int limit, TimeSpan waitTimeout)
        {
            var server = await TestServer.Server;
            var budget = new ConnectionBudget(limit, waitTimeout, TimeProvider.System);
            var added = new List<BudgetedPool>();
            for (var i = 0; i < pools; i++)
            {
                var address = new NpgsqlConnectionStringBuilder(server.ConnectionString())
                {
                    ApplicationName = "budget",
                };
                added.Add(budget.Add(NpgsqlDataSource.Create(address)));
            }
            return new TestPools(budget, added);
        }

        public void Observe(long connections)
        {
            for (var maximum = MaxSeenConnections; connections > maximum; maximum = MaxSeenConnections)
            {
                if (Interlocked.CompareExchange(ref _maxSeenConnections, connections, maximum) == maximum)
                    return;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var pool in Pools)
                await pool.DisposeAsync();
            Assert.Equal(0, Budget.OpenCount);
        }
    }
}
