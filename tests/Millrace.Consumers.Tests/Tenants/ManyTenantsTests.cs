using System.Collections.Concurrent;
using System.Diagnostics;
using Millrace.Testing;
using Npgsql;
using Xunit.Abstractions;

namespace Millrace.Tests;

/// <summary>Tests of many tenants with separate databases that share a small number of connections.</summary>
public sealed class ManyTenantsTests(ITestOutputHelper output)
{
    private const int Connections = 18;

    // A new connection may open while the server still closes the old connection, so both are visible for a moment.
    // Without a limit, there would be several connections for each tenant.
    private const int MaxClosingTenants = 2 * Connections;

    private const int MaxOpenTenants = 40;
    private const int Rounds = 2;
    private const int Events = 3;

    private static readonly int Tenants = TestRun.IsLong ? 500 : 30;

    private static readonly ConcurrentBag<double> EnterTimes = [];
    private static readonly ConcurrentBag<double> AppendTimes = [];

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Minutes of opening connections, as there are fewer than tenants.
    public async Task Each_tenant_has_its_events_and_read_models_and_all_share_the_connection_limit()
    {
        await using var server = await PostgreSqlServer.Start();
        using var testStore = TenantTestStore.CreateOn(server, Connections);
        await using var app = await TenantApp.Start(
            testStore, options => options.MaxOpen = MaxOpenTenants, UseLongIntervals);
        using var ending = new CancellationTokenSource();
        var watching = Watch(server, ending.Token);
        await using var monitor = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await monitor.OpenAsync();
        var started = Stopwatch.GetTimestamp();

        await Each(tenant => app.Tenants.Create(new TenantId(tenant)).AsTask());
        output.WriteLine($"{Tenants} databases created in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        for (var round = 1; round <= Rounds; round++)
        {
            var begun = Stopwatch.GetTimestamp();
            await Each(tenant => Use(app, tenant, round));
            var took = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            output.WriteLine(
                $"round {round}: {took:0.0} s, {Describe(EnterTimes, "entered")}, {Describe(AppendTimes, "appended")}, "
                    + $"{Tenants * Events / took:0} events/s");
            Assert.InRange(app.Tenants.OpenCount, 1, MaxOpenTenants);
            await Eventually.Get(
                () => CountConnections(monitor), static count => count <= Connections, TestNode.WaitTimeout);
        }
        await Each(tenant => CheckTenant(app, tenant));
        await ending.CancelAsync();
        var maximum = await watching;

        output.WriteLine(
            $"{maximum} connections at most; total time {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s");
        Assert.InRange(maximum, 2, Connections + MaxClosingTenants);
        Assert.Equal(Names(), (await app.Tenants.List()).Select(tenant => tenant.Value));
    }

    /// <summary>
    /// Sets the intervals of a real application. The short intervals of the tests would use all connections.
    /// </summary>
    private static void UseLongIntervals(MillraceBuilder millrace) =>
        millrace.ConfigureConsumers(options =>
            (options.LookEvery, options.CheckpointEvery) = (
                new ConsumerOptions().LookEvery, new ConsumerOptions().CheckpointEvery));

    private static string[] Names() => [.. Enumerable.Range(0, Tenants).Select(number => $"t{number:000}")];

    private static Task Each(Func<string, Task> work) => Parallel.ForEachAsync(
        Names(), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (tenant, _) => await work(tenant));

    private static async Task Use(TenantApp app, string tenant, int round)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var scope = await app.Enter(tenant);
        EnterTimes.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        var number = int.Parse(tenant[1..]) + 1;
        for (var i = 0; i < Events; i++)
        {
            begun = Stopwatch.GetTimestamp();
            await scope.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", number)]);
            AppendTimes.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        var cargo = await scope.ReadModel<string, Cargo>().Get("ada", await scope.Store.GetToken());
        Assert.Equal((Events * round * number, true), (cargo.Value!.Crates, cargo.IsFresh));
    }

    private static async Task CheckTenant(TenantApp app, string tenant)
    {
        await using var scope = await app.Enter(tenant);
        var number = int.Parse(tenant[1..]) + 1;
        var events = await scope.Store.ReadLog(EventFilter.All).ToListAsync();
        var page = await scope.ReadModel<string, Cargo>().Query(new ReadQuery(), await scope.Store.GetToken());
        Assert.Equal(
            Enumerable.Range(1, Events * Rounds).Select(position => (long)position),
            events.Select(recorded => recorded.Position));
        Assert.All(events, recorded => Assert.Equal(new Loaded("ada", number), recorded.Data));
        Assert.Equal(Events * Rounds * number, Assert.Single(page.Items).Crates);
    }

    /// <summary>Returns the median and the 95th percentile of the measurements, and clears the measurements.</summary>
    private static string Describe(ConcurrentBag<double> measured, string label)
    {
        var all = measured.Order().ToArray();
        measured.Clear();
        return $"{label} P50 {all[all.Length / 2]:0.0} ms, P95 {all[all.Length * 95 / 100]:0.0} ms";
    }

    /// <summary>
    /// Polls the number of connections of the server until the token is cancelled. Returns the maximum.
    /// </summary>
    private static async Task<long> Watch(PostgreSqlServer server, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString() + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        var maximum = 0L;
        while (!cancellationToken.IsCancellationRequested)
            maximum = Math.Max(maximum, await CountConnections(connection));
        return maximum;
    }

    private static async Task<long> CountConnections(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            "SELECT count(*), pg_sleep(0.02) FROM pg_stat_activity WHERE application_name = 'millrace' AND "
                + "backend_type = 'client backend'",
            connection);
        return (long)(await command.ExecuteScalarAsync(CancellationToken.None))!; // A count is never null.
    }
}
