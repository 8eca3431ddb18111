using Microsoft.Extensions.DependencyInjection;
using Millrace.Tests.Metrics;

namespace Millrace.Tests;

/// <summary>Tests that anomalies of figures are found in the whole history, explained, and reported once.</summary>
public sealed class KpiDetectionTests : IDisposable
{
    private const int Weeks = 10;
    private static readonly DateTimeOffset Unusual = SalesHistory.Monday.AddDays(7 * 8 + 2).AddHours(11);

    private readonly VirtualClock _clock = new();
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task An_unusual_hour_of_the_history_is_explained_by_its_member_and_event()
    {
        await using var app = await StartWithHistory();
        var token = await app.Append("order-9", new Sold("France", 2_000m, Unusual.AddMinutes(30)));
        await app.WaitForFigures();
        await using var node = new KpiMonitorNode(app);

        var anomalies = await node.Run();
        var found = Assert.Single(anomalies, one => one.Hour == Unusual && one.Member is null);
        var member = Assert.Single(anomalies, one => one.Hour == Unusual && one.Member == "France");
        var value = await app.Services.GetRequiredService<Explanations>().Explain(found.Path!);

        Assert.InRange(found.Value, 2_060m, 2_090m);
        Assert.InRange(found.Expected!.Value.Upper, 50, 1_000);
        Assert.Equal("France", found.Members[0].Member);
        Assert.InRange(found.Members[0].Share, 0.95m, 1.05m);
        Assert.InRange(found.Members[0].Usual!.Value, 40m, 60m);
        Assert.Equal(("order-9", 2_000m), (found.Events[0].Stream, found.Events[0].Value));
        Assert.Contains("Country France contributes", found.Text, StringComparison.Ordinal);
        Assert.Equal($"millrace why {found.Path}", found.Command);
        Assert.Equal(found.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), value.Value);
        Assert.Equal(("country", "France"), (member.Dimension, member.Member));
        Assert.Contains("members", member.Path, StringComparison.Ordinal);
        Assert.DoesNotContain(anomalies, one => one.Member == "Norway" && one.Hour == Unusual);
        Assert.False(token.IsNone);
    }

    [Fact]
    public async Task Hours_without_events_are_zeros_for_sums_and_missing_for_means()
    {
        await using var app = await StartWithHistory(weeks: 9); // In the tenth week, nothing is sold.
        await using var node = new KpiMonitorNode(app);

        var anomalies = await node.Run();
        var all = await node.Monitor.ReadAnomalies(new KpiAnomalyQuery());

        Assert.Contains(anomalies, one => one.Hour >= SalesHistory.Monday.AddDays(63) && one.Value == 0);
        Assert.DoesNotContain(all, static one => one.Kpi == "satisfaction");
    }

    [Fact]
    public async Task An_anomaly_is_reported_once_by_two_nodes_and_after_a_restart()
    {
        await using var first = await StartWithHistory();
        await using var second = await KpiApp.Start(_file.Open(), time: _clock);
        await using (var one = Node(first))
        await using (var two = Node(second))
        {
            await Task.WhenAll(one.Run(), two.Run());
            Assert.Empty(await one.Waiting("office")); // The history is not reported.
            var now = HourOf(_clock.GetUtcNow());
            await first.Append("order-9", new Sold("Norway", 5_000m, now.AddMinutes(10)));
            _clock.Advance(TimeSpan.FromHours(1));
            for (var i = 0; i < 5; i++)
                await Task.WhenAll(one.Run(), two.Run());
        }
        await using var restarted = Node(second);
        await restarted.Run();
        _clock.Advance(TimeSpan.FromHours(1));
        await restarted.Run();

        var waiting = await restarted.Waiting("office");
        Assert.Equal(waiting.Distinct(), waiting);
        Assert.Single(waiting, static one => !one.Contains("Norway", StringComparison.Ordinal));
        Assert.Single(waiting, static one => one.EndsWith("-Norway", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_states_continue_where_another_node_has_stopped()
    {
        await using var app = await StartWithHistory(weeks: 6);
        await using (var node = new KpiMonitorNode(app))
            await node.Run();
        await SalesHistory.Append(app, weeks: Weeks - 6, firstWeek: 6);
        await app.Append("order-9", new Sold("France", 2_000m, Unusual));
        _clock.Advance(TimeSpan.FromDays(28));
        await using var continued = new KpiMonitorNode(app);
        var anomalies = await continued.Run();

        using var other = await SharedStore.Create(StoreKind.Sqlite);
        await using var whole = await KpiApp.Start(other.Open(), time: _clock);
        await SalesHistory.Append(whole, weeks: 6);
        await SalesHistory.Append(whole, weeks: Weeks - 6, firstWeek: 6);
        await whole.Append("order-9", new Sold("France", 2_000m, Unusual));
        await using var once = new KpiMonitorNode(whole);
        Assert.Equal(TextsOf(await once.Run()), TextsOf(anomalies));
    }

    [Fact]
    public async Task Late_events_are_examined_without_a_notice()
    {
        await using var app = await StartWithHistory();
        await using var node = Node(app);
        var hour = SalesHistory.Monday.AddDays(7 * Weeks - 1).AddHours(11); // On the day before.
        Assert.DoesNotContain(await node.Run(), one => one.Hour == hour);
        await app.Append("order-9", new Sold("France", 2_000m, hour));
        await app.WaitForFigures();
        _clock.Advance(TimeSpan.FromHours(2));

        var anomalies = await node.Run();

        Assert.Contains(anomalies, one => one.Hour == hour && one.Member is null);
        Assert.Empty(await node.Waiting("office")); // An anomaly of a new hour of this day would wait.
    }

    [Fact]
    public async Task Imported_history_that_ended_long_ago_is_examined_until_its_last_event()
    {
        await using var app = await StartWithHistory();
        await app.Append("order-9", new Sold("France", 2_000m, Unusual));
        await app.WaitForFigures();
        _clock.Advance(TimeSpan.FromDays(2_000));
        await using var node = new KpiMonitorNode(app);

        Assert.Empty(await node.Run()); // Later events can follow.
        _clock.Advance(TimeSpan.FromMinutes(10));
        var anomalies = await node.Run();

        Assert.Contains(anomalies, static one => one.Hour == Unusual);
        Assert.DoesNotContain(anomalies, static one => one.Hour > SalesHistory.Monday.AddDays(7 * Weeks));
    }

    private static KpiMonitorNode Node(KpiApp app) => new(app, static options => options.AlertChannels = ["office"]);

    private static DateTimeOffset HourOf(DateTimeOffset time) => Millrace.Business.KpiBucket.HourOf(time);

    private static IEnumerable<string> TextsOf(IReadOnlyList<KpiAnomaly> anomalies) =>
        anomalies.Select(static one => $"{one.Hour:u} {one.Member} {one.Text}").Order(StringComparer.Ordinal);

    private async Task<KpiApp> StartWithHistory(int weeks = Weeks)
    {
        var app = await KpiApp.Start(_file.Open(), time: _clock);
        await SalesHistory.Append(app, weeks);
        await app.WaitForFigures();
        var end = SalesHistory.Monday.AddDays(7 * (weeks == 9 ? Weeks : weeks)).AddMinutes(30);
        _clock.Advance(end - _clock.GetUtcNow());
        return app;
    }
}
