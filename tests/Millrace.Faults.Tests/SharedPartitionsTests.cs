using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Three nodes in programs of their own share the partitions of one projection on PostgreSQL; one is killed, one is frozen.
/// </summary>
public sealed class SharedPartitionsTests : IAsyncDisposable
{
    private const string Copies = "account-copies@1";
    private const int Partitions = 6;
    private const int Writers = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<SharingNode> _nodes = [];
    private readonly List<SharingNode> _ended = [];
    private int _seed = 700;

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Concat(_ended))
            node.Dispose();
        return ValueTask.CompletedTask;
    }

    [PostgreSqlFact]
    public async Task Partitions_of_a_node_that_dies_or_freezes_go_on_elsewhere_and_nothing_is_lost_or_doubled()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await StartNode(address);
        var shared = await Shared(consumers);
        Assert.Equal(3, shared.Select(one => one.Node).Distinct().Count());

        var resumed = await KillOne(consumers);
        await Shared(consumers);
        await FreezeOne(consumers);
        await StartNode(address);
        await Shared(consumers);

        var acknowledged = End();
        await Compare(address, acknowledged);
        Assert.True(resumed < TimeSpan.FromSeconds(10), $"It took {resumed} until other nodes went on.");
    }

    /// <summary>Kills a node, and returns how long it took until each of its partitions had got further elsewhere.</summary>
    private async Task<TimeSpan> KillOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var victim = _nodes[0];
        var own = before.Where(one => ProcessOf(one) == victim.Id).Select(one => one.Partition).ToArray();
        Assert.NotEmpty(own);
        victim.Kill();
        var killed = Stopwatch.GetTimestamp();
        _nodes.Remove(victim);
        _ended.Add(victim);
        var last = (await consumers.Get(Copies)).Partitions;
        await WentOn(consumers, victim, own, last);
        return Stopwatch.GetElapsedTime(killed);
    }

    /// <summary>Freezes a node until others do its work. When it wakes it does nothing of that again, and says so.</summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var before = (await consumers.Get(Copies)).Partitions;
        var frozen = _nodes[0];
        var own = before.Where(one => ProcessOf(one) == frozen.Id).Select(one => one.Partition).ToArray();
        Assert.NotEmpty(own);
        await frozen.Freeze();
        await WentOn(consumers, frozen, own, (await consumers.Get(Copies)).Partitions);
        await frozen.Thaw();

        await Eventually.Holds(
            () => Array.Exists(own, one => frozen.Told.Contains($"{Copies}, partition {one}, was taken over by", StringComparison.Ordinal)
                || frozen.Told.Contains($"{Copies}, partition {one} of {Partitions}, lost its lease", StringComparison.Ordinal)),
            Patience);
    }

    private static Task<IReadOnlyList<PartitionStatus>> WentOn(
        Consumers consumers, SharingNode gone, int[] own, IReadOnlyList<PartitionStatus> before) => Eventually.Is(
            async () => (await consumers.Get(Copies)).Partitions,
            all => Array.TrueForAll(own, one =>
                all[one].Checkpoint > before[one].Checkpoint + 10 && all[one].Node is not null && ProcessOf(all[one]) != gone.Id),
            Patience);

    private async Task StartNode(string address)
    {
        var node = await SharingNode.Start(
            address, Writers, ++_seed,
            ("Millrace__Consumers__Partitions__account-copies", $"{Partitions}"), ("Millrace__Consumers__Partitions__bucket-totals", "3"));
        _nodes.Add(node);
        await Eventually.Holds(() => node.Acknowledged.Count > 50, Patience);
    }

    /// <summary>Waits until all nodes that live share the partitions evenly.</summary>
    private Task<IReadOnlyList<PartitionStatus>> Shared(Consumers consumers) => Eventually.Is(
        async () => (await consumers.Get(Copies)).Partitions,
        all => all.Count == Partitions
            && _nodes.ConvertAll(node => all.Count(one => ProcessOf(one) == node.Id)) is var shares
            && shares.Sum() == Partitions && shares.Max() - shares.Min() <= 1,
        Patience);

    private List<Acknowledgement> End()
    {
        foreach (var node in _nodes)
            node.Kill();
        _ended.AddRange(_nodes);
        _nodes.Clear();
        return [.. _ended.SelectMany(node => node.Acknowledged)];
    }

    private static async Task Compare(string address, List<Acknowledgement> acknowledged)
    {
        using var host = await Open(address, runsConsumers: true);
        var log = new List<RecordedEvent>();
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            log.Add(recorded);
        LedgerChecks.AssertAcknowledged(acknowledged, log, "the log of divided consumers");
        LedgerChecks.AssertWithoutGaps(log, "the log of divided consumers");
        await LedgerChecks.AssertReadModels(host.Services, log, "the log of divided consumers");
        await LedgerChecks.AssertSound(host.Services, "the log of divided consumers");
        await host.StopAsync();
    }

    private static async Task<IHost> Open(string address, bool runsConsumers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>()
            .ConfigureConsumers(options => options.IsEnabled = runsConsumers));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Names of nodes hold the number of their process.</summary>
    private static int ProcessOf(PartitionStatus status) =>
        status.Node is { } node ? int.Parse(node.Split('/')[^2], CultureInfo.InvariantCulture) : 0;
}
