using Commerce.Retail;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Retail;

/// <summary>Tests that the reports of the shop find its giant cancelled orders and its busiest days.</summary>
public sealed class KpiReportTests : IAsyncLifetime, IDisposable
{
    private static readonly string SmallFile = Path.Combine(AppContext.BaseDirectory, "Data", "giant-orders.csv");
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(8);

    private readonly RunningShop _shop = new();

    public Task InitializeAsync() => _shop.InitializeAsync();

    public Task DisposeAsync() => _shop.DisposeAsync();

    public void Dispose() => _shop.Dispose();

    [Fact]
    public async Task Two_giant_cancelled_orders_are_found()
    {
        await Import(SmallFile);

        Assert.Equal(
            [(80_995 * 2.08m, "9 December 2011 between 09:00 and 10:00")],
            await CancelledOrders(KpiWeek.Parse("2011-W49")));
        Assert.Equal(
            [(74_215 * 1.04m, "18 January 2011 between 10:00 and 11:00")],
            await CancelledOrders(KpiWeek.Parse("2011-W03")));
    }

    [RealYearFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Minutes: it imports the whole file.
    public async Task The_report_of_the_real_year_finds_the_giant_orders_and_the_busiest_days()
    {
        await Import(RealYearFactAttribute.File);
        var monitor = _shop.Services.GetRequiredService<KpiMonitor>();

        var year = await monitor.CreateReport(new DateOnly(2010, 12, 10), new DateOnly(2011, 12, 9));
        var revenue = year.Figures.Single(static figure => figure.Kpi.Name == "revenue");
        var orders = year.Figures.Single(static figure => figure.Kpi.Name == "orders");
        var giants = revenue.Insights.Where(static one => one.Kind == KpiInsightKind.LargestEvent).ToList();

        Assert.Equal([168_469.60m, 77_183.60m], giants.Take(2).Select(static one => one.Value));
        Assert.All(
            giants.Take(2),
            static one => Assert.Contains("cancelled in the same hour", one.Text, StringComparison.Ordinal));
        Assert.Equal("Monday, 14 November 2011", BusiestDay(revenue));
        Assert.Equal("Tuesday, 22 November 2011", BusiestDay(orders));
        Assert.Contains(revenue.Insights, static one => one.Kind == KpiInsightKind.Reduction
            && one.Member == "Cancellation" && one.Value < -800_000);
        foreach (var (week, value) in (IEnumerable<(string, decimal)>)
            [("2011-W03", 77_183.60m), ("2011-W49", 168_469.60m)])
            Assert.Equal(value, (await CancelledOrders(KpiWeek.Parse(week)))[0].Value);
        await Eventually.Get(
            () => monitor.ReadAnomalies(new KpiAnomalyQuery { Kpi = "revenue", Limit = 1_000 }),
            static found => found.Count > 0 && found.Any(static one => one.Hour.Year == 2011 && one.Hour.Month > 10),
            WaitTimeout);
    }

    private static string BusiestDay(KpiReportFigure figure)
    {
        var text = figure.Insights.Single(static one => one.Kind == KpiInsightKind.BusiestDay).Text;
        var start = text.IndexOf(" was ", StringComparison.Ordinal) + " was ".Length;
        return text[start..text.IndexOf(':', StringComparison.Ordinal)];
    }

    private async Task<List<(decimal? Value, string Hour)>> CancelledOrders(KpiWeek week)
    {
        var report = await _shop.Services.GetRequiredService<KpiMonitor>().CreateReport(week);
        return
        [
            .. report.Figures.Single(static figure => figure.Kpi.Name == "revenue").Insights
                .Where(static one => one.Kind == KpiInsightKind.LargestEvent && one.Reference == -one.Value)
                .Select(static one => (one.Value, HourIn(one.Text))),
        ];
    }

    private static string HourIn(string text)
    {
        var start = text.IndexOf(", on ", StringComparison.Ordinal) + ", on ".Length;
        return text[start..text.IndexOf(" (", StringComparison.Ordinal)];
    }

    private async Task Import(string file)
    {
        var token = await ActivatorUtilities.CreateInstance<RetailImport>(_shop.Services, new RetailFile(file))
            .Run(CancellationToken.None);
        foreach (var consumer in (string[])["kpi-revenue@1", "kpi-orders@1", "kpi-cancellations@1"])
            Assert.True(await _shop.Services.GetRequiredService<Consumers>().WaitFor(consumer, token, WaitTimeout));
    }
}
