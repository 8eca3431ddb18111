using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests rebuilds, comparisons, switches and switches back while three nodes on PostgreSQL share the work.
/// </summary>
public sealed class SharedBuildsTests
{
    private const int Events = 2_000;
    private static readonly string[] Models = ["account-copies", "bucket-totals", "writer-totals"];
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [PostgreSqlFact]
    public async Task Nodes_share_rebuilds_and_every_document_is_correct_after_switching_and_switching_back()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        var nodes = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Open(address)));
        await Append(nodes[0]);
        var projections = nodes[0].GetRequiredService<Projections>();

        var built = await Task.WhenAll(Models.Select(
            (name, number) => nodes[number].GetRequiredService<Projections>().RebuildBeside(name, BuildSwitch.Manual)));
        await WaitUntilBalanced(nodes);
        foreach (var name in Models)
        {
            var comparison = await nodes[2].GetRequiredService<Projections>().Compare(name);
            Assert.True(comparison.IsSame, $"{name}: {comparison}");
            await projections.Switch(name, WaitTimeout);
        }
        await AssertReadModels(nodes);
        var catalog = await nodes[2].GetRequiredService<Projections>().Catalog();
        Assert.Equal(built.Order(), catalog.Where(row => Models.Contains(row.Name)).Select(row => row.Live).Order());

        await Append(nodes[1]);
        foreach (var name in Models)
            await nodes[2].GetRequiredService<Projections>().SwitchBack(name, WaitTimeout);
        await AssertReadModels(nodes);
        foreach (var node in nodes)
            await node.DisposeAsync();
    }

    /// <summary>Waits until consumers, including rebuilds, are balanced across the nodes.</summary>
    private static async Task WaitUntilBalanced(Node[] nodes)
    {
        await Eventually.Get(
            async () =>
                string.Join(
                    ", ",
                    (await nodes[0].GetRequiredService<Consumers>().List()).Select(row => $"{row.Name} {row.Node}")),
            all =>
                all.Split(", ").Select(row => row.Split(' ')).ToList() is var pairs
                && pairs.Count > 2 * Models.Length - 1
                && pairs.TrueForAll(pair => pair[1].Length > 0)
                && pairs.GroupBy(pair => pair[1]).Select(of => of.Count()).ToList() is var shares
                && shares.Count == nodes.Length && shares.Max() - shares.Min() <= 1,
            WaitTimeout);
    }

    private static async Task Append(Node node)
    {
        var store = node.GetRequiredService<EventStore>();
        foreach (var chunk in Enumerable.Range(1, Events).Chunk(100))
        {
            var account = $"{chunk[0] % 7}";
            var events = chunk
                .Select(number => new Deposited(account, number % 5, number, number % 90, number % 11))
                .ToArray();
            await store.Append(StreamId.For("account", account), ExpectedVersion.Any, [.. events]);
        }
    }

    private static async Task AssertReadModels(Node[] nodes)
    {
        var log = new List<RecordedEvent>();
        await foreach (var recorded in nodes[0].GetRequiredService<EventStore>().ReadLog(EventFilter.All))
            log.Add(recorded);
        foreach (var node in nodes)
            await LedgerChecks.AssertReadModels(node, log, "a log that three nodes share");
    }

    private static async Task<Node> Open(string address)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>());
        var host = builder.Build();
        await host.StartAsync();
        return new Node(host);
    }

    /// <summary>A node in this program.</summary>
    private sealed class Node(IHost host) : IServiceProvider, IAsyncDisposable
    {
        public object? GetService(Type serviceType) => host.Services.GetService(serviceType);

        public async ValueTask DisposeAsync()
        {
            await host.StopAsync();
            await ((IAsyncDisposable)host).DisposeAsync();
        }
    }
}
