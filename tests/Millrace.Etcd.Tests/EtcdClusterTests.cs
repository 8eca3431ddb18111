using System.Diagnostics;

namespace Millrace.Etcd.Tests;

/// <summary>Tests the registry in a real etcd cluster of three members that are killed.</summary>
public sealed class EtcdClusterTests
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(12);

    [EtcdFact]
    public async Task Instances_remain_and_changes_are_seen_while_each_member_is_killed_in_turn()
    {
        var members = await EtcdServer.StartCluster(3);
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            var options = new EtcdOptions
            {
                Address = string.Join(',', members.Select(member => member.Address)),
                AnswerTimeout = TimeSpan.FromSeconds(10),
            };
            using var registry = new EtcdRegistry(options, TimeProvider.System);
            using var other = new EtcdRegistry(options, TimeProvider.System);
            await using var registrar = await ServiceRegistrar.Register(
                registry,
                new ServiceInstance("a", "stays", "127.0.0.1", 8080),
                TimeToLive,
                cancellationToken: limit.Token);
            await using var watch = other.Watch("stays", limit.Token).GetAsyncEnumerator(limit.Token);
            Assert.True(await watch.MoveNextAsync());
            var started = Stopwatch.GetTimestamp();

            foreach (var member in await LeaderFirst(members))
            {
                await member.Kill();
                var id = $"b{members.ToList().IndexOf(member)}";
                await registry.Register(
                    new ServiceInstance(id, "stays", "127.0.0.1", 8081), TimeSpan.FromMinutes(5), limit.Token);
                while (watch.Current.All(instance => instance.Id != id))
                    Assert.True(await watch.MoveNextAsync());
                Assert.Contains("a", watch.Current.Select(instance => instance.Id));
                Assert.Contains("a", (await other.Find("stays", limit.Token)).Select(instance => instance.Id));
                await member.Restart();
            }
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
            while (Stopwatch.GetElapsedTime(started) < 2 * TimeToLive && await pause.WaitForNextTickAsync(limit.Token))
                Assert.Contains("a", (await other.Find("stays", limit.Token)).Select(instance => instance.Id));

            Assert.Equal(
                ["a", "b0", "b1", "b2"], (await other.Find("stays", limit.Token)).Select(instance => instance.Id));
        }
        finally
        {
            foreach (var member in members)
                await member.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<EtcdServer>> LeaderFirst(IReadOnlyList<EtcdServer> members)
    {
        var leads = new Dictionary<EtcdServer, bool>();
        foreach (var member in members)
            leads[member] = await member.IsLeader();
        Assert.Single(leads.Values, true);
        return [.. members.OrderByDescending(member => leads[member])];
    }
}
