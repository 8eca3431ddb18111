using System.Diagnostics;
using System.Net;
using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests the probes and the drain of three nodes: a rolling restart fails no request, and a node that loses its
/// database is not ready until the database is back, without a restart.
/// </summary>
public sealed class DrainTests(Cluster cluster, ITestOutputHelper output) : IClassFixture<Cluster>
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);
    // Other tests and builds may run at the same time.
    private static readonly TimeSpan LossLimit = TimeSpan.FromSeconds(Figures.AreAsserted ? 2 : 60);

    [PostgreSqlFact]
    public Task A_rolling_restart_fails_no_request() => RestartOneByOne(rounds: 1);

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public Task Many_rolling_restarts_fail_no_request() => RestartOneByOne(rounds: 20);

    [PostgreSqlTheory]
    [InlineData("cut")]
    [InlineData("silent")]
    public async Task A_node_without_its_database_is_not_ready_and_recovers_alone(string how)
    {
        await using var balancer = new ProbingBalancer(cluster.All);
        for (var node = 0; node < cluster.All.Count; node++)
            await balancer.Until(node, isReady: true);
        var process = cluster.All[0].ProcessId;
        var started = Stopwatch.GetTimestamp();

        if (how == "cut")
            cluster.Proxies[0].Cut();
        else
            cluster.Proxies[0].Silence();
        await balancer.Until(0, isReady: false);
        AssertNoticed(Stopwatch.GetElapsedTime(started), how);
        Assert.Equal(HttpStatusCode.OK, await Status(0, "/livez"));
        Assert.Equal(HttpStatusCode.OK, await Status(0, "/startupz"));
        Assert.True(balancer.IsReady(1) && balancer.IsReady(2));

        cluster.Proxies[0].Restore();
        await balancer.Until(0, isReady: true);
        Assert.Equal(process, cluster.All[0].ProcessId);
    }

    [PostgreSqlFact]
    public async Task All_nodes_recover_after_the_database_server_was_down()
    {
        await using var balancer = new ProbingBalancer(cluster.All);
        for (var node = 0; node < cluster.All.Count; node++)
            await balancer.Until(node, isReady: true);
        var started = Stopwatch.GetTimestamp();

        await cluster.Server.Crash();
        for (var node = 0; node < cluster.All.Count; node++)
            await balancer.Until(node, isReady: false);
        AssertNoticed(Stopwatch.GetElapsedTime(started), "crash");
        for (var node = 0; node < cluster.All.Count; node++)
            Assert.Equal(HttpStatusCode.OK, await Status(node, "/livez"));

        await cluster.Server.Restart();
        for (var node = 0; node < cluster.All.Count; node++)
            await balancer.Until(node, isReady: true);
        await balancer.Send(
            HttpMethod.Post, $"/append?stream=after-1&expected=-1&ids={Guid.NewGuid()}&writer=1&number=1");
    }

    private async Task RestartOneByOne(int rounds)
    {
        var before = await cluster.LastPosition();
        await using var balancer = new ProbingBalancer(cluster.All);
        for (var node = 0; node < cluster.All.Count; node++)
            await balancer.Until(node, isReady: true);
        var load = new BalancedLoad(balancer);

        load.Start();
        await Pause.For(Between);
        for (var i = 0; i < rounds * cluster.All.Count; i++)
        {
            var node = i % cluster.All.Count;
            Assert.Equal(0, await cluster.All[node].Terminate());
            await balancer.Until(node, isReady: false);
            await cluster.All[node].Start();
            await balancer.Until(node, isReady: true);
            await Pause.For(Between);
        }
        await load.Stop();

        Assert.True(load.Failures.Count == 0, string.Join('\n', load.Failures));
        var rows = await cluster.RowsAfter(before);
        Assert.Equal(load.Acknowledged.Order(), rows.Select(static row => row.Id).Order());
        Assert.NotEqual(0, load.Reads);
        Figures.Record(
            output,
            $"{rounds * cluster.All.Count} nodes were restarted in turn under load: none of "
                + $"{load.Acknowledged.Count + load.Reads} requests failed.");
    }

    private void AssertNoticed(TimeSpan elapsed, string how)
    {
        output.WriteLine($"{how}: not ready after {elapsed.TotalSeconds:0.00} s");
        Assert.True(elapsed < LossLimit, $"The loss of the database was noticed only after {elapsed}.");
    }

    private async Task<HttpStatusCode> Status(int node, string path)
    {
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(cluster.All[node].Address, path));
        return response.StatusCode;
    }
}
