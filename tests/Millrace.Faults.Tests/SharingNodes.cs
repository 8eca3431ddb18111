using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>The running and killed nodes in separate programs on one PostgreSQL database.</summary>
internal sealed class SharingNodes(int seed, params (string Name, string Value)[] settings) : IDisposable
{
    private static readonly int Writers = TestRun.IsLong ? 2 : 1; // In a short run, other tests share the machine.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly List<SharingNode> _liveNodes = [];
    private readonly List<SharingNode> _ended = [];
    private int _seed = seed;

    public IReadOnlyList<SharingNode> LiveNodes => _liveNodes;

    /// <summary>Starts a node, and waits until the node has acknowledged some appends.</summary>
    public async Task Start(string address)
    {
        var node = await SharingNode.Start(address, Writers, ++_seed, settings);
        _liveNodes.Add(node);
        await Eventually.Until(() => node.Acknowledged.Count > 50, WaitTimeout);
    }

    public void Kill(SharingNode node)
    {
        node.Kill();
        _liveNodes.Remove(node);
        _ended.Add(node);
    }

    /// <summary>Kills all running nodes, and returns all acknowledged appends.</summary>
    public List<Acknowledgement> KillAll()
    {
        foreach (var node in _liveNodes.ToList())
            Kill(node);
        return [.. _ended.SelectMany(node => node.Acknowledged)];
    }

    /// <summary>Starts a node in this program that uses the same database.</summary>
    public static async Task<IHost> Open(string address, bool runsConsumers)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>()
            .ConfigureConsumers(options => options.IsEnabled = runsConsumers));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Checks the log against the acknowledged appends, and the read models against the log.</summary>
    public static async Task Compare(string address, List<Acknowledgement> acknowledged, string where)
    {
        using var host = await Open(address, runsConsumers: true);
        var log = new List<RecordedEvent>();
        await foreach (var recorded in host.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            log.Add(recorded);
        LedgerChecks.AssertAcknowledged(acknowledged, log, where);
        LedgerChecks.AssertWithoutGaps(log, where);
        await LedgerChecks.AssertReadModels(host.Services, log, where);
        await LedgerChecks.AssertSound(host.Services, where);
        await host.StopAsync();
    }

    public void Dispose()
    {
        foreach (var node in _liveNodes.Concat(_ended))
            node.Dispose();
    }
}
