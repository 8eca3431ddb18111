using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;
using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests three nodes in separate programs that share the partitions of one projection on PostgreSQL. The test kills a
/// node and freezes a node.
/// </summary>
public sealed class SharedPartitionsTests(ITestOutputHelper output) : IDisposable
{
    private const string Copies = "account-copies@1";
    private const int Partitions = 6;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);
    // Other tests and builds may run at the same time.
    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(Figures.AreAsserted ? 10 : 90);

    private readonly SharingNodes _nodes = new(
        seed: 700,
        ("Millrace__Consumers__Partitions__account-copies", $"{Partitions}"),
        ("Millrace__Consumers__Partitions__bucket-totals", "3"));

    public void Dispose() => _nodes.Dispose();

    [PostgreSqlFact]
    public async Task Other_nodes_continue_the_partitions_of_a_killed_or_frozen_node_and_handle_every_event_once()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await SharingNodes.Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await _nodes.Start(address);
        var shared = await WaitUntilBalanced(consumers);
        Assert.Equal(3, shared.Select(partition => partition.Node).Distinct().Count());

        var (resumed, paused) = await KillOne(consumers);
        await WaitUntilBalanced(consumers);
        await FreezeOne(consumers);
        await _nodes.Start(address);
        await WaitUntilBalanced(consumers);

        var acknowledged = _nodes.KillAll();
        await SharingNodes.Compare(address, acknowledged, "the log of divided consumers");
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"Other nodes continued the work of a killed node after {resumed.TotalSeconds:0.0} s, of which the "
                + $"machine paused for {paused.TotalSeconds:0.0} s.");
        Figures.Record(output, summary);
        Assert.True(resumed - paused < ResumeLimit, summary);
    }

    /// <summary>
    /// Kills a node. Returns the time until each of its partitions advanced on another node, and the duration of the
    /// pauses of the machine in that time.
    /// </summary>
    private async Task<(TimeSpan Resumed, TimeSpan Paused)> KillOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var victim = _nodes.LiveNodes[0];
        var partitions = before.Where(status => victim.Is(status.Node)).Select(status => status.Partition).ToArray();
        Assert.NotEmpty(partitions);
        using var stalls = new StallMonitor();
        _nodes.Kill(victim);
        var killed = Stopwatch.GetTimestamp();
        var last = (await consumers.Get(Copies)).Partitions;
        await WaitForTakeover(consumers, victim, partitions, last);
        return (Stopwatch.GetElapsedTime(killed), stalls.Total);
    }

    /// <summary>
    /// Freezes a node until other nodes do its work. After the thaw, the node does not repeat the work, and logs the
    /// loss of its lease.
    /// </summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var frozen = _nodes.LiveNodes[0];
        var partitions = before.Where(status => frozen.Is(status.Node)).Select(status => status.Partition).ToArray();
        Assert.NotEmpty(partitions);
        await frozen.Freeze();
        await WaitForTakeover(consumers, frozen, partitions, (await consumers.Get(Copies)).Partitions);
        await frozen.Thaw();

        await Eventually.Until(
            () =>
                Array.Exists(
                    partitions,
                    partition =>
                        frozen.Output.Contains(
                            $"{Copies}, partition {partition}, was taken over by", StringComparison.Ordinal)
                        || frozen.Output.Contains(
                            $"{Copies}, partition {partition} of {Partitions}, lost its lease",
                            StringComparison.Ordinal)),
            WaitTimeout);
    }

    private static Task<IReadOnlyList<PartitionStatus>> WaitForTakeover(
        Consumers consumers, SharingNode node, int[] shared, IReadOnlyList<PartitionStatus> before) => Eventually.Get(
            async () => (await consumers.Get(Copies)).Partitions,
            all =>
                Array.TrueForAll(
                    shared,
                    partition =>
                        all[partition].Checkpoint > before[partition].Checkpoint + 10
                        && all[partition].Node is not null
                        && !node.Is(all[partition].Node)),
            WaitTimeout);

    /// <summary>Waits until all running nodes share the partitions evenly.</summary>
    private Task<IReadOnlyList<PartitionStatus>> WaitUntilBalanced(Consumers consumers) => Eventually.Get(
        async () => (await consumers.Get(Copies)).Partitions,
        all => all.Count == Partitions
            && _nodes.LiveNodes.Select(node => all.Count(partition => node.Is(partition.Node))).ToList() is var shares
            && shares.Sum() == Partitions && shares.Max() - shares.Min() <= 1,
        WaitTimeout);
}
