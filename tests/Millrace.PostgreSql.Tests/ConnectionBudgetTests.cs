using Millrace.PostgreSql.Connections;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the connection limit holds for any number of databases and any work in them.</summary>
public sealed class ConnectionBudgetTests
{
    private const int Workers = 60;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [PostgreSqlFact]
    public async Task Several_pools_together_have_as_many_connections_as_there_may_be()
    {
        await using var given = await TestPools.Make(pools: 6, limit: 4, WaitTimeout);

        await Task.WhenAll(
            Enumerable
                .Range(0, Workers)
                .Select(worker =>
                    Task.Run(async () =>
                    {
                        var random = new Random(worker);
                        for (var i = 0; i < 16; i++)
                        {
                            await using var connection = await given
                                .Pools[random.Next(given.Pools.Count)]
                                .Open(CancellationToken.None);
                            await using var command = new NpgsqlCommand(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'budget'")
                            {
                                Connection = connection,
                            };
                            given.Observe((long)(await command.ExecuteScalarAsync())!);
                            Assert.InRange(given.Budget.OpenCount, 1, 4);
                        }
                    })
                )
        );

        // A server takes a moment to end closed connections, longer under load: new connections see the closing ones.
        Assert.InRange(given.MaxSeenConnections, 1, Workers - 10);
        Assert.InRange(given.Budget.OpenCount, 1, 4);
        Assert.All(given.Pools, pool => Assert.Equal(0, pool.InUseCount));
    }

    [PostgreSqlFact]
    public async Task Who_finds_all_in_use_waits_for_one_and_gives_up()
    {
        await using var hasty = await TestPools.Make(pools: 2, limit: 1, TimeSpan.FromSeconds(1));
        await using var given = await TestPools.Make(pools: 2, limit: 1, WaitTimeout);

        await using var only = await hasty.Pools[0].Open(CancellationToken.None);
        var refused = await Assert.ThrowsAsync<StorageException>(() =>
            hasty.Pools[1].Open(CancellationToken.None).AsTask());
        var held = await given.Pools[0].Open(CancellationToken.None);
        using var cancelled = new CancellationTokenSource();
        var waits = given.Pools[1].Open(cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        await held.DisposeAsync();
        await using var other = await given.Pools[1].Open(CancellationToken.None);

        Assert.Equal((StorageProblem.Busy, true), (refused.Problem, refused.IsTransient));
        Assert.Contains("MaxConnections", refused.Message, StringComparison.Ordinal);
        Assert.Equal((0, 1, 1), (given.Pools[0].OpenCount, given.Pools[1].OpenCount, given.Budget.OpenCount));
    }

    [PostgreSqlFact]
    public async Task A_connection_that_cannot_be_opened_takes_no_place()
    {
        await using var given = await TestPools.Make(pools: 1, limit: 2, WaitTimeout);
        await using var nowhere = given.Budget.Add(
            NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=1"));

        for (var i = 0; i < 5; i++)
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => nowhere.Open(CancellationToken.None).AsTask());
        await using var one = await given.Pools[0].Open(CancellationToken.None);
        await using var two = await given.Pools[0].Open(CancellationToken.None);

        Assert.Equal((0, 2), (nowhere.OpenCount, given.Budget.OpenCount));
    }

    [PostgreSqlFact]
    public async Task A_connection_that_the_server_ends_gives_its_place_back()
    {
        await using var given = await TestPools.Make(pools: 1, limit: 1, WaitTimeout);

        for (var i = 0; i < 3; i++)
        {
            await using var connection = await given.Pools[0].Open(CancellationToken.None);
            await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pg_backend_pid())", connection);
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => command.ExecuteNonQueryAsync());
        }

        Assert.Equal(0, given.Pools[0].InUseCount);
    }

    private sealed class TestPools : IAsyncDisposable
    {
        private long _maxSeenConnections;

        private TestPools(ConnectionBudget budget, IReadOnlyList<BudgetedPool> pools) =>
            (Budget, Pools) = (budget, pools);

        public ConnectionBudget Budget { get; }

        public IReadOnlyList<BudgetedPool> Pools { get; }

        public long MaxSeenConnections => Interlocked.Read(ref _maxSeenConnections);

        public static async Task<TestPools> Make(int pools, int limit, TimeSpan patience)
        {
            var server = await TestServer.Server;
            var budget = new ConnectionBudget(limit, patience, TimeProvider.System);
            var made = new List<BudgetedPool>();
            for (var i = 0; i < pools; i++)
            {
                var address = new NpgsqlConnectionStringBuilder(server.ConnectionString())
                {
                    ApplicationName = "budget",
                };
                made.Add(budget.Add(NpgsqlDataSource.Create(address)));
            }
            return new TestPools(budget, made);
        }

        public void Observe(long connections)
        {
            for (var most = MaxSeenConnections; connections > most; most = MaxSeenConnections)
            {
                if (Interlocked.CompareExchange(ref _maxSeenConnections, connections, most) == most)
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
