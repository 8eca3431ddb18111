using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests three nodes in separate programs that share the partitions of one projection on PostgreSQL; one is killed, one
/// is frozen.
/// </summary>
public sealed class SharedPartitionsTests(ITestOutputHelper output) : IDisposable
{
    private const string Copies = "account-copies@1";
    private const int Partitions = 6;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    // Other tests and builds may run.
    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(Figures.AreAsserted ? 10 : 90);

    private readonly SharingNodes _nodes = new(
        seed: 700,
        ("Millrace__Consumers__Partitions__account-copies", $"{Partitions}"),
        ("Millrace__Consumers__Partitions__bucket-totals", "3"));

    public void Dispose() => _nodes.Dispose();

    [PostgreSqlFact]
    public async Task Partitions_of_a_node_that_dies_or_freezes_continue_elsewhere_and_nothing_is_lost_or_doubled()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await SharingNodes.Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await _nodes.Start(address);
        var shared = await Shared(consumers);
        Assert.Equal(3, shared.Select(one => one.Node).Distinct().Count());

        var (resumed, stood) = await KillOne(consumers);
        await Shared(consumers);
        await FreezeOne(consumers);
        await _nodes.Start(address);
        await Shared(consumers);

        var acknowledged = _nodes.End();
        await SharingNodes.Compare(address, acknowledged, "the log of divided consumers");
        var told = string.Create(
            CultureInfo.InvariantCulture,
            $"Work of a node that was killed went on elsewhere after {resumed.TotalSeconds:0.0} s, of which the "
                + $"machine stood still for "
            + $"{stood.TotalSeconds:0.0} s.");
        Figures.Keep(output, told);
        Assert.True(resumed - stood < ResumeLimit, told);
    }

    /// <summary>Kills a node, and returns the time until each of its partitions advanced on another node, and the
    /// pauses of the machine in that time.</summary>
    private async Task<(TimeSpan Resumed, TimeSpan Stood)> KillOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var victim = _nodes.LiveNodes[0];
        var own = before.Where(one => victim.Is(one.Node)).Select(one => one.Partition).ToArray();
        Assert.NotEmpty(own);
        using var stalls = new StallMonitor();
        _nodes.Kill(victim);
        var killed = Stopwatch.GetTimestamp();
        var last = (await consumers.Get(Copies)).Partitions;
        await WaitForTakeover(consumers, victim, own, last);
        return (Stopwatch.GetElapsedTime(killed), stalls.Total);
    }

    /// <summary>Freezes a node until others do its work. After it wakes it does not repeat the work, and logs
    /// that.</summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var frozen = _nodes.LiveNodes[0];
        var own = before.Where(one => frozen.Is(one.Node)).Select(one => one.Partition).ToArray();
        Assert.NotEmpty(own);
        await frozen.Freeze();
        await WaitForTakeover(consumers, frozen, own, (await consumers.Get(Copies)).Partitions);
        await frozen.Thaw();

        await Eventually.Holds(
            () =>
                Array.Exists(
                    own,
                    one =>
                        frozen.Output.Contains(
                            $"{Copies}, partition {one}, was taken over by", StringComparison.Ordinal)
                        || frozen.Output.Contains(
                            $"{Copies}, partition {one} of {Partitions}, lost its lease", StringComparison.Ordinal)),
            WaitTimeout);
    }

    private static Task<IReadOnlyList<PartitionStatus>> WaitForTakeover(
        Consumers consumers, SharingNode gone, int[] own, IReadOnlyList<PartitionStatus> before) => Eventually.Is(
            async () => (await consumers.Get(Copies)).Partitions,
            all =>
                Array.TrueForAll(
                    own,
                    one =>
                        all[one].Checkpoint > before[one].Checkpoint + 10
                        && all[one].Node is not null
                        && !gone.Is(all[one].Node)),
            WaitTimeout);

    /// <summary>Waits until all running nodes share the partitions evenly.</summary>
    private Task<IReadOnlyList<PartitionStatus>> Shared(Consumers consumers) => Eventually.Is(
        async () => (await consumers.Get(Copies)).Partitions,
        all => all.Count == Partitions
            && _nodes.LiveNodes.Select(node => all.Count(one => node.Is(one.Node))).ToList() is var shares
            && shares.Sum() == Partitions && shares.Max() - shares.Min() <= 1,
        WaitTimeout);
}
