using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Tests three nodes in separate programs that share the projections of one PostgreSQL database; one is
/// killed, one is frozen.</summary>
public sealed class SharedProjectionsTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly SharingNodes _nodes = new(seed: 0);

    public void Dispose() => _nodes.Dispose();

    [PostgreSqlFact]
    public async Task Work_of_a_node_that_dies_or_freezes_continues_elsewhere_and_nothing_is_lost_or_doubled()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await SharingNodes.Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await _nodes.Start(address);
        await Shared(consumers);

        var resumed = await KillOne(consumers);
        await Shared(consumers);
        await FreezeOne(consumers);
        await _nodes.Start(address);
        await Shared(consumers);

        var acknowledged = _nodes.End();
        await SharingNodes.Compare(address, acknowledged, "the shared log");
        Assert.True(resumed < TimeSpan.FromSeconds(90), $"It took {resumed} until another node went on.");
    }

    /// <summary>Kills the node that runs a projection, and returns the time until another one has advanced
    /// it.</summary>
    private async Task<TimeSpan> KillOne(Consumers consumers)
    {
        var victim = await NodeOf(consumers, "writer-totals@1");
        _nodes.Kill(victim);
        var killed = Stopwatch.GetTimestamp();
        var before = (await consumers.Get("writer-totals@1")).Checkpoint;
        await Eventually.Is(
            consumers,
            "writer-totals@1",
            status => status.Checkpoint > before + 10 && !victim.Is(status.Node),
            WaitTimeout);
        return Stopwatch.GetElapsedTime(killed);
    }

    /// <summary>Freezes a node until others do its work. After it wakes it does not repeat the work, and logs
    /// that.</summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var frozen = await NodeOf(consumers, "bucket-totals@1");
        await frozen.Freeze();
        var before = (await consumers.Get("bucket-totals@1")).Checkpoint;
        await Eventually.Is(
            consumers,
            "bucket-totals@1",
            status => status.Checkpoint > before + 10 && !frozen.Is(status.Node),
            WaitTimeout);
        await frozen.Thaw();

        await Eventually.Holds(
            () =>
                frozen.Output.Contains("bucket-totals@1, partition 0, was taken over by node", StringComparison.Ordinal)
                || frozen.Output.Contains("bucket-totals@1 lost its lease", StringComparison.Ordinal),
            WaitTimeout);
    }

    /// <summary>Waits until all running nodes share the projections evenly.</summary>
    private Task<IReadOnlyList<ConsumerStatus>> Shared(Consumers consumers) => Eventually.Is(
        () => consumers.List().AsTask(),
        all => all.All(one => _nodes.LiveNodes.Any(node => node.Is(one.Node)))
            && _nodes.LiveNodes.Select(node => all.Count(one => node.Is(one.Node))).ToList() is var shares
            && shares.Max() - shares.Min() <= 1,
        WaitTimeout);

    /// <summary>Returns the node that runs a projection; null for a moment while the projection moves.</summary>
    private async Task<SharingNode> NodeOf(Consumers consumers, string projection)
    {
        var status = await Eventually.Is(
            consumers, projection, one => _nodes.LiveNodes.Any(node => node.Is(one.Node)), WaitTimeout);
        return _nodes.LiveNodes.Single(node => node.Is(status.Node));
    }
}
