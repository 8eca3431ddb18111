using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Three nodes in programs of their own share the projections of one PostgreSQL database; one is killed, one is frozen.</summary>
public sealed class SharedWorkTests : IAsyncDisposable
{
    private const int Writers = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<SharingNode> _nodes = [];
    private readonly List<SharingNode> _killed = [];

    private int _seed;

    public ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Concat(_killed))
            node.Dispose();
        return ValueTask.CompletedTask;
    }

    [PostgreSqlFact]
    public async Task Work_of_a_node_that_dies_or_freezes_goes_on_elsewhere_and_nothing_is_lost_or_doubled()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await Open(address, runsConsumers: false);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        for (var i = 0; i < 3; i++)
            await StartNode(address);
        await Shared(consumers);

        var resumed = await KillOne(consumers);
        await Shared(consumers);
        await FreezeOne(consumers);
        await StartNode(address);
        await Shared(consumers);

        var acknowledged = End();
        await Compare(address, acknowledged);
        Assert.True(resumed < TimeSpan.FromSeconds(10), $"It took {resumed} until another node went on.");
    }

    /// <summary>Kills the node that runs a projection, and returns how long it took until another had got further.</summary>
    private async Task<TimeSpan> KillOne(Consumers consumers)
    {
        var victim = NodeOf(await consumers.Get("writer-totals@1"));
        victim.Kill();
        var killed = Stopwatch.GetTimestamp();
        _nodes.Remove(victim);
        _killed.Add(victim);
        var before = (await consumers.Get("writer-totals@1")).Checkpoint;
        await Eventually.Is(
            consumers, "writer-totals@1", status => status.Checkpoint > before + 10 && ProcessOf(status) != victim.Id, Patience);
        return Stopwatch.GetElapsedTime(killed);
    }

    /// <summary>Freezes a node until others do its work. When it wakes it does nothing of that again, and says so.</summary>
    private async Task FreezeOne(Consumers consumers)
    {
        var frozen = NodeOf(await consumers.Get("bucket-totals@1"));
        await frozen.Freeze();
        var before = (await consumers.Get("bucket-totals@1")).Checkpoint;
        await Eventually.Is(
            consumers, "bucket-totals@1", status => status.Checkpoint > before + 10 && ProcessOf(status) != frozen.Id, Patience);
        await frozen.Thaw();

        await Eventually.Holds(
            () => frozen.Told.Contains("bucket-totals@1, partition 0, was taken over by node", StringComparison.Ordinal)
                || frozen.Told.Contains("bucket-totals@1 lost its lease", StringComparison.Ordinal),
            Patience);
    }

    /// <summary>Starts a node, and waits until it has written enough to count.</summary>
    private async Task StartNode(string address)
    {
        var node = await SharingNode.Start(address, Writers, ++_seed);
        _nodes.Add(node);
        await Eventually.Holds(() => node.Acknowledged.Count > 50, Patience);
    }

    /// <summary>Waits until all nodes that live share the projections evenly.</summary>
    private Task<IReadOnlyList<ConsumerStatus>> Shared(Consumers consumers) => Eventually.Is(
        () => consumers.List().AsTask(),
        all => all.All(one => _nodes.Exists(node => node.Id == ProcessOf(one)))
            && _nodes.Select(node => all.Count(one => ProcessOf(one) == node.Id)).ToList() is var shares
            && shares.Max() - shares.Min() <= 1,
        Patience);

    private List<Acknowledgement> End()
    {
        foreach (var node in _nodes)
            node.Kill();
        _killed.AddRange(_nodes);
        _nodes.Clear();
        return [.. _killed.SelectMany(node => node.Acknowledged)];
    }

    private static async Task Compare(string address, List<Acknowledgement> acknowledged)
    {
        using var host = await Open(address, runsConsumers: true);
        var log = new List<RecordedEvent>();
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            log.Add(recorded);
        LedgerChecks.AssertAcknowledged(acknowledged, log, "the shared log");
        LedgerChecks.AssertWithoutGaps(log, "the shared log");
        await LedgerChecks.AssertReadModels(host.Services, log, "the shared log");
        await LedgerChecks.AssertSound(host.Services, "the shared log");
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

    private SharingNode NodeOf(ConsumerStatus status) => _nodes.Single(node => node.Id == ProcessOf(status));

    /// <summary>Names of nodes hold the number of their process.</summary>
    private static int ProcessOf(ConsumerStatus status) =>
        status.Node is { } node ? int.Parse(node.Split('/')[^2], CultureInfo.InvariantCulture) : 0;
}
