using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests that business figures are exact, explained, and compared with earlier weeks.</summary>
public sealed class KpiTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [StoreKinds]
    public async Task Revenue_is_exact_by_hour_and_country_with_late_and_negative_values(StoreKind kind)
    {
        using var store = await SharedStore.Create(kind);
        await using var app = await KpiApp.Start(store.Open());
        await app.Append("order-1", new Sold("France", 10.10m, Monday.AddMinutes(5)));
        await app.Append("order-2", new Sold("Norway", 0.20m, Monday.AddHours(1)));
        await app.Append("order-1", new Sold("France", -10.10m, Monday.AddHours(1).AddMinutes(59)));
        var token = await app.Append("order-3", new Sold("France", 7.05m, Monday)); // Recorded late.

        var hours = await app.Kpis.Read(
            KpiApp.Hours("revenue", Monday.AddMinutes(30), Monday.AddHours(3), token), CancellationToken.None);
        var france = await app.Kpis.Read(
            KpiApp.Hours("revenue", Monday, Monday.AddHours(2), token) with
            {
                Dimension = "country",
                Member = "France",
                Step = KpiStep.Day,
            },
            CancellationToken.None);

        Assert.Equal([17.15m, -9.90m, 0m], hours.Points.Select(static point => point.Value));
        Assert.Equal([2L, 2L, 0L], hours.Points.Select(static point => point.Count));
        Assert.Equal((7.25m, 4L), (hours.Total.Value, hours.Total.Count));
        Assert.Equal((7.05m, 3L), (france.Total.Value, france.Total.Count));
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), france.Points.Single().Start);
        Assert.Equal(
            [new KpiContribution(1, "order-1", 10.10m), new KpiContribution(4, "order-3", 7.05m)],
            hours.Points[0].Largest);
        Assert.True(hours.IsFresh);
    }

    [Fact]
    public async Task Ratio_mean_count_and_duration_are_combined()
    {
        var clock = new ManualClock();
        await using var app = await KpiApp.Start(new InMemoryStorage(clock), time: clock);
        var start = clock.GetUtcNow();
        var token = default(ConsistencyToken);
        for (var i = 1; i <= 100; i++)
            token = await app.Append($"request-{i}", new Answered(i % 10 != 0, i * 10, i % 5 + 1));
        clock.Advance(TimeSpan.FromHours(1));

        async Task<KpiPoint> Read(string name) => Assert.Single(
            (await app.Kpis.Read(KpiApp.Hours(name, start, start.AddHours(1), token), CancellationToken.None)).Points);
        var time = await Read("response-time");

        Assert.Equal(0.9m, (await Read("availability")).Value);
        Assert.Equal(3m, (await Read("satisfaction")).Value);
        Assert.Equal(100m, (await Read("requests")).Value);
        Assert.Equal(0.505m, time.Value);
        Assert.InRange(time.Percentiles!.P50, 0.484m, 0.516m);
        Assert.InRange(time.Percentiles.P95, 0.92m, 0.98m);
        Assert.InRange(time.Percentiles.P99, 0.959m, 1.021m);
        Assert.Equal(1m, time.Largest[0].Value);
        Assert.Equal(1m, (await Read("availability")).Largest[0].Value);
        Assert.Equal(5, time.Largest.Count);
    }

    [Fact]
    public async Task Members_beyond_the_limit_are_counted_as_other()
    {
        await using var app = await KpiApp.Start(new InMemoryStorage());
        var token = default(ConsistencyToken);
        string?[] countries = ["France", "Norway", null, "Spain", "Italy", "France"];
        foreach (var country in countries)
            token = await app.Append("order-1", new Sold(country, 10, Monday));

        var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(1), token) with { Dimension = "country" };
        var members = await app.Kpis.ReadMembers(query, CancellationToken.None);
        var two = await app.Kpis.ReadMembers(query with { MaxMembers = 2 }, CancellationToken.None);

        Assert.Equal(
            [("(other)", 20m), ("France", 20m), (Kpis.NoMember, 10m), ("Norway", 10m)],
            members.Select(static one => (one.Member, one.Total.Value)));
        Assert.Equal(
            [("France", 20m), (Kpis.OtherMember, 40m)], two.Select(static one => (one.Member, one.Total.Value)));
    }

    [Fact]
    public async Task Each_hour_is_compared_with_the_same_hour_of_earlier_weeks()
    {
        var clock = new ManualClock();
        await using var app = await KpiApp.Start(new InMemoryStorage(clock), time: clock);
        var hour = new DateTimeOffset(2025, 12, 29, 9, 0, 0, TimeSpan.Zero);
        decimal[] weeks = [30, 10, 20, 90]; // The last one is the hour itself.
        var token = default(ConsistencyToken);
        for (var week = 0; week < weeks.Length; week++)
            token = await app.Append("order-1", new Sold("France", weeks[week], hour.AddDays(7 * (week - 3))));

        var series = await app.Kpis.Read(
            KpiApp.Hours("revenue", hour, hour.AddHours(2), token) with { Weeks = 8 }, CancellationToken.None);
        var now = await app.Kpis.Read(
            KpiApp.Hours("revenue", clock.GetUtcNow(), clock.GetUtcNow().AddHours(1), token) with { Weeks = 8 },
            CancellationToken.None);

        // The weeks before the first value are not compared.
        Assert.Equal(new KpiComparison(3, 20, 10, 30, 350), series.Points[0].Comparison);
        Assert.Equal(new KpiComparison(3, 0, 0, 0, null), series.Points[1].Comparison);
        Assert.False(now.Points[0].IsComplete);
        Assert.Null(now.Points[0].Comparison);
    }

    [Fact]
    public async Task Why_names_the_events_of_an_hour_and_of_a_member()
    {
        await using var app = await KpiApp.Start(new InMemoryStorage());
        await app.Append("order-1", new Sold("United Kingdom", 10, Monday));
        await app.Append("order-2", new Sold("France", 3, Monday));
        var token = await app.Append("order-3", new Sold("United Kingdom", 5, Monday));
        var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(1), token);
        var total = await app.Kpis.Read(query, CancellationToken.None);
        var member = await app.Kpis.Read(
            query with { Dimension = "country", Member = "United Kingdom" }, CancellationToken.None);
        var explanations = app.Services.GetRequiredService<Explanations>();

        var whole = await explanations.Explain(total.Points[0].Path!);
        var one = await explanations.Explain(member.Points[0].Path!);

        Assert.Equal("kpi-revenue/2026-03-02T09Z.total.sum", total.Points[0].Path);
        Assert.Equal("18", whole.Value);
        Assert.Equal([3L, 2L, 1L], whole.Changes.Select(static change => change.Event.Position));
        Assert.Equal(["Revenue.Measure(Sold)"], whole.Answer!.Rules);
        Assert.Equal("15", one.Value);
        Assert.Equal([3L, 1L], one.Changes.Select(static change => change.Event.Position));
    }

    [Fact]
    public async Task Stored_figures_are_read_without_the_code_of_the_application()
    {
        using var file = new ShopFile();
        await using var app = await KpiApp.Start(file.Open());
        var token = await app.Append("order-1", new Sold("France", 10, Monday));
        var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(1), token);
        await app.Kpis.Read(query, CancellationToken.None); // Waits for the token.
        await using var reader = await EventStore.Open(file.Open(), EventTypeMap.Empty);
        var stored = Kpis.Of(reader);

        var kpi = Assert.Single(await stored.List(CancellationToken.None));
        var series = await stored.Read(query with { After = default }, CancellationToken.None);

        Assert.Equal(("revenue", KpiKind.Sum, "GBP", "kpi-revenue"), (kpi.Name, kpi.Kind, kpi.Unit, kpi.Projection));
        Assert.Equal(["country"], kpi.Dimensions);
        Assert.Equal((Monday, Monday), (kpi.First, kpi.Last));
        Assert.Equal(10m, series.Total.Value);
    }

    [Fact]
    public async Task Wrong_queries_are_refused_with_what_is_allowed()
    {
        await using var app = await KpiApp.Start(new InMemoryStorage());
        var query = KpiApp.Hours("revenue", Monday, Monday.AddHours(1), default);

        Task<KpiSeries> Read(KpiQuery wrong) => app.Kpis.Read(wrong, CancellationToken.None);
        var missing = await Assert.ThrowsAsync<KpiNotFoundException>(() => Read(query with { Name = "profit" }));
        var dimension = await Assert.ThrowsAsync<KpiNotFoundException>(
            () => Read(query with { Dimension = "city", Member = "Oslo" }));
        await Assert.ThrowsAsync<ArgumentException>(() => Read(query with { To = Monday }));
        await Assert.ThrowsAsync<ArgumentException>(() => Read(query with { Dimension = "country" }));
        await Assert.ThrowsAsync<ArgumentException>(() => Read(query with { Weeks = 53 }));
        await Assert.ThrowsAsync<ArgumentException>(() => Read(query with { From = DateTimeOffset.MinValue }));
        var many = await Assert.ThrowsAsync<LimitExceededException>(
            () => Read(query with { From = Monday.AddYears(-20) }));

        Assert.Contains("revenue", missing.Known);
        Assert.Equal(["country"], dimension.Known);
        Assert.Equal(Kpis.MaxPoints, many.Limit);
    }
}
