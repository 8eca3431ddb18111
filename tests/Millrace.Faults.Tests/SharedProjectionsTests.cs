using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests three nodes in separate programs that share the projections of one PostgreSQL database. The test kills a node
/// and freezes a node.
/// </summary>
public sealed class SharedProjectionsTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly SharingNodes _nodes = new(seed: 0);

    public void Dispose() => _nodes.Dispose();

    [PostgreSqlFact]
    [Trait(TestRun.Kind, TestRun.Long)] // SharedPartitionsTests kill nodes too.
    public async Task Other_nodes_continue_the_projections_of_a_killed_or_frozen_node_and_handle_every_event_once()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await SharingNodes.Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await _nodes.Start(address);
        await WaitUntilBalanced(consumers);

        var resumed = await KillOne(consumers);
        await WaitUntilBalanced(consumers);
        await FreezeOne(consumers);
        await _nodes.Start(address);
        await WaitUntilBalanced(consumers);

        var acknowledged = _nodes.KillAll();
        await SharingNodes.Compare(address, acknowledged, "the shared log");
        Assert.True(resumed < TimeSpan.FromSeconds(90), $"It took {resumed} until another node continued the work.");
    }

    /// <summary>
    /// Kills the node that runs a projection, and returns the time until another node has advanced the projection.
    /// </summary>
    private async Task<TimeSpan> KillOne(Consumers consumers)
    {
        var victim = await NodeOf(consumers, "writer-totals@1");
        _nodes.Kill(victim);
        var killed = Stopwatch.GetTimestamp();
        var before = (await consumers.Get("writer-totals@1")).Checkpoint;
        await Eventually.Get(
            consumers,
            "writer-totals@1",
            status => status.Checkpoint > before + 10 && !victim.Is(status.Node),
            WaitTimeout);
        return Stopwatch.GetElapsedTime(killed);
    }

    /// <summary>
    /// Freezes a node until other nodes do its work. After the thaw, the node does not repeat the work, and logs the
    /// loss of its lease.
    /// </summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var frozen = await NodeOf(consumers, "bucket-totals@1");
        await frozen.Freeze();
        var before = (await consumers.Get("bucket-totals@1")).Checkpoint;
        await Eventually.Get(
            consumers,
            "bucket-totals@1",
            status => status.Checkpoint > before + 10 && !frozen.Is(status.Node),
            WaitTimeout);
        await frozen.Thaw();

        await Eventually.Until(
            () =>
                frozen.Output.Contains("bucket-totals@1, partition 0, was taken over by node", StringComparison.Ordinal)
                || frozen.Output.Contains("bucket-totals@1 lost its lease", StringComparison.Ordinal),
            WaitTimeout);
    }

    /// <summary>Waits until all running nodes share the projections evenly.</summary>
    private Task<IReadOnlyList<ConsumerStatus>> WaitUntilBalanced(Consumers consumers) => Eventually.Get(
        () => consumers.List().AsTask(),
        all => all.All(status => _nodes.LiveNodes.Any(node => node.Is(status.Node)))
            && _nodes.LiveNodes.Select(node => all.Count(status => node.Is(status.Node))).ToList() is var shares
            && shares.Max() - shares.Min() <= 1,
        WaitTimeout);

    /// <summary>Waits until a running node runs a projection, and returns that node.</summary>
    private async Task<SharingNode> NodeOf(Consumers consumers, string projection)
    {
        var status = await Eventually.Get(
            consumers, projection, status => _nodes.LiveNodes.Any(node => node.Is(status.Node)), WaitTimeout);
        return _nodes.LiveNodes.Single(node => node.Is(status.Node));
    }
}
