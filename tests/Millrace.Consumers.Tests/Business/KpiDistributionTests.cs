using Microsoft.Extensions.DependencyInjection;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>Tests business figures of an application with shards, and of one with tenants.</summary>
public sealed class KpiDistributionTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_parts_of_all_shards_are_added()
    {
        using var stores = new ShardTestStores();
        await using var app = await StartWithShards(stores);
        for (var i = 0; i < 20; i++)
            await app.Append($"order-{i}", new Sold(i % 2 == 0 ? "France" : "Norway", i, Monday.AddMinutes(i * 6)));
        var token = await app.Store.GetToken();

        var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(2), token);
        var whole = await app.Kpis.Read(query, CancellationToken.None);
        var members = await app.Kpis.ReadMembers(query with { Dimension = "country" }, CancellationToken.None);

        Assert.Equal([45m, 145m], whole.Points.Select(static point => point.Value));
        Assert.Equal([19m, 18m, 17m, 16m, 15m], whole.Points[1].Largest.Select(static one => one.Value));
        Assert.Equal(
            [("Norway", 100m), ("France", 90m)], members.Select(static one => (one.Member, one.Total.Value)));
    }

    [Fact]
    public async Task The_monitor_examines_the_hours_of_all_shards()
    {
        using var stores = new ShardTestStores();
        var clock = new VirtualClock();
        var unusual = SalesHistory.Monday.AddDays(7 * 8 + 2).AddHours(11);
        await using var app = await StartWithShards(stores, clock);
        await SalesHistory.Append(app, weeks: 10); // In the shard of one stream.
        for (var i = 0; i < 8; i++)
            await app.Append($"order-{i}", new Sold("France", 300m, unusual.AddMinutes(i)));
        clock.Advance(SalesHistory.Monday.AddDays(70) - clock.GetUtcNow());
        var query = KpiApp.Hours("revenue", unusual, unusual.AddHours(1), await app.Store.GetToken());
        var hour = await app.Kpis.Read(query, CancellationToken.None); // Waits for all shards.

        await using var node = new KpiMonitorNode(app);
        var anomalies = await node.Run();

        Assert.Equal(SalesHistory.Monday.AddHours(9), hour.Kpi.First);
        Assert.Equal(SalesHistory.Monday.AddDays(67).AddHours(16), hour.Kpi.Last);
        var found = Assert.Single(anomalies, one => one.Hour == unusual && one.Member is null);
        Assert.Equal(hour.Total.Value, found.Value);
        Assert.InRange(found.Value, 2_460m, 2_490m);
    }

    [Fact]
    public async Task Each_tenant_has_its_own_figures()
    {
        using var stores = await TenantTestStore.Create(TenantStorageKind.OneMemory);
        await using var app = await KpiApp.Start(millrace => stores.AddTo(millrace)
            .WithTenants(static options => options.CreatesOnDemand = true));

        async Task<decimal?> Sell(string tenant, decimal amount)
        {
            await using var scope = await app.Services.GetRequiredService<Tenants>().Enter(new TenantId(tenant));
            var appended = await scope.Store.Append(
                new StreamId("order-1"), ExpectedVersion.Any, [new Sold("France", amount, Monday)]);
            var kpis = scope.Services.GetRequiredService<Kpis>();
            var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(1), appended.Token);
            return (await kpis.Read(query, CancellationToken.None)).Total.Value;
        }

        Assert.Equal(10m, await Sell("ada", 10));
        Assert.Equal(5m, await Sell("bob", 5));
        Assert.Equal(12m, await Sell("ada", 2));
    }

    private static Task<KpiApp> StartWithShards(ShardTestStores stores, TimeProvider? time = null) => KpiApp.Start(
        millrace => millrace.UseShards(shards =>
        {
            foreach (var name in (string[])["eu-1", "eu-2"])
                shards.Add(name, store => stores.Use(store, name));
            shards.PlaceByStream().Configure(ShardApp.UseShortIntervals);
        }),
        time: time);
}
