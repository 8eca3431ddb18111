using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Tests.Materializing;

/// <summary>A row of the berths at a dock.</summary>
public sealed record DockBerths(string Dock, long Ships, decimal Changes);

[JsonSerializable(typeof(DockBerths))]
internal sealed partial class DockJson : JsonSerializerContext;

/// <summary>Tests the groups of documents that expire.</summary>
public sealed class ImmediateExpiryTests
{
    private static readonly DateTimeOffset Past = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2199, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Theory]
    [StoreKinds]
    public async Task A_document_that_expires_leaves_its_group(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var host = await Start(shared);
        var view = host.Services.GetRequiredService<IMaterializedView<string, DockBerths>>();
        await Berth(host, "ada", "north", DateTimeOffset.UtcNow.AddSeconds(1));
        await Berth(host, "bob", "north", Future);
        await Berth(host, "cyd", "south", Past);
        var token = await Berth(host, "dan", "west", Future);

        var west = await view.Get("west", token);
        var rows = await Eventually.Get(
            () => RowsOf(view, token), static rows => rows.Count == 2, TestNode.WaitTimeout);
        var north = await Eventually.Get(
            () => RowsOf(view, token), static rows => rows[0].Ships == 1, TestNode.WaitTimeout);
        await host.StopAsync();

        Assert.Equal(new DockBerths("west", 1, 1), west.Value);
        Assert.Equal(["north", "west"], rows.Select(static row => row.Dock));
        Assert.Equal([new DockBerths("north", 1, 1), new DockBerths("west", 1, 1)], north);
    }

    [Theory]
    [StoreKinds]
    public async Task A_document_that_starts_again_after_its_expiry_is_counted_once_in_its_new_group(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        using var host = await Start(shared);
        var view = host.Services.GetRequiredService<IMaterializedView<string, DockBerths>>();
        for (var i = 0; i < 10; i++)
            await Berth(host, $"ship{i}", "north", Past);
        for (var i = 0; i < 5; i++)
            await Berth(host, $"ship{i}", i % 2 == 0 ? "south" : "north", Future);
        var token = await Berth(host, "ship0", "south", Future);

        var rows = await Eventually.Get(
            () => RowsOf(view, token),
            static rows => rows.Sum(static row => row.Ships) == 5,
            TestNode.WaitTimeout);
        await host.StopAsync();

        Assert.Equal([new DockBerths("north", 2, 2), new DockBerths("south", 3, 4)], rows);
    }

    private static async Task<IReadOnlyList<DockBerths>> RowsOf(
        IMaterializedView<string, DockBerths> view, ConsistencyToken token) =>
        (await view.Query(new ReadQuery(), token)).Items;

    private static async Task<IHost> Start(SharedStore shared)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => shared.Open())
            .AddModel(model => Harbour.Register(model).Projection(Berths.Define()))
            .ConfigureConsumers(TestNode.UseShortIntervals)
            .AddView(new DockView(), DockJson.Default.DockBerths));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<ConsistencyToken> Berth(IHost host, string ship, string dock, DateTimeOffset until) =>
        (await host.Services.GetRequiredService<EventStore>().Append(
            Harbour.StreamOf(ship), ExpectedVersion.Any, [new Berthed(ship, dock, until)])).Token;

    private sealed class DockView() : GroupedView<string, Berth, string, DockBerths>("dock-berths")
    {
        protected internal override TimeSpan FirstWait => TestNode.WaitTimeout;

        protected internal override string Group(Berth document) => document.Dock;

        protected internal override IReadOnlyList<decimal> Values(Berth document) => [document.Changes];

        protected internal override DockBerths Row(string group, GroupTotals totals) =>
            new(group, totals.Count, totals.Sum(0));
    }
}
