using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for anomalies and reports of business figures, on a store.</summary>
public sealed class KpiReportTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly Tool _tool = new();
    private IHost _host = null!; // Set before each test.

    public async Task InitializeAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddModel(Register)
            .UseKpiMonitor(static options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                options.LateEvents = TimeSpan.Zero;
            }));
        _host = builder.Build();
        await _host.StartAsync();
        var token = (await _host.Services.GetRequiredService<EventStore>().Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [.. History()])).Token;
        Assert.True(await _host.Services.GetRequiredService<Consumers>()
            .WaitFor("kpi-revenue@1", token, TimeSpan.FromMinutes(1)));
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_report_is_shown_as_text_JSON_and_page()
    {
        var file = Path.Combine(Path.GetDirectoryName(_tool.Store)!, "report.html"); // The store is in a directory.
        var text = await _tool.RunOk("kpi", "report", "--week", "2026-W10");
        var json = await _tool.RunOk("kpi", "report", "--from", "2026-03-02", "--to", "2026-03-08", "--json");
        await _tool.RunOk("kpi", "report", "--week", "2026-W10", "--html", file);
        var again = await _tool.Run("kpi", "report", "--week", "2026-W10", "--html", file);
        var page = await File.ReadAllTextAsync(file);
        var last = await _tool.RunOk("kpi", "report");

        Assert.Contains("Week 10 of 2026", text.Output, StringComparison.Ordinal);
        Assert.Matches(@"was\s+cancelled\s+in\s+the\s+same\s+hour", text.Output);
        Assert.Equal("2026-W10", json.Json.GetProperty("week").GetString());
        Assert.Contains(
            json.Json.GetProperty("figures")[0].GetProperty("insights").EnumerateArray(),
            static one => one.GetProperty("kind").GetString() == "largest-event"
                && one.GetProperty("value").GetDecimal() == 80_995);
        Assert.StartsWith("<!doctype html>", page, StringComparison.Ordinal);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("REVENUE", last.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anomalies_are_listed_with_the_command_that_explains_them()
    {
        var found = await Eventually.Get(
            () => _tool.RunOk("kpi", "anomalies", "revenue", "--from", "2026-03-04", "--to", "2026-03-05", "--json"),
            static run => run.Json.GetArrayLength() > 0,
            TimeSpan.FromMinutes(2));
        var text = await _tool.RunOk("kpi", "anomalies", "--limit", "100");

        Assert.StartsWith(
            "millrace why kpi-revenue/2026-03-04T1",
            found.Json[0].GetProperty("command").GetString(),
            StringComparison.Ordinal);
        Assert.Contains("millrace why kpi-revenue/", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_arguments_and_missing_channels_are_refused()
    {
        var week = await _tool.Run("kpi", "report", "--week", "2026-W60");
        var half = await _tool.Run("kpi", "report", "--from", "2026-03-02");
        var reversed = await _tool.Run("kpi", "report", "--from", "2026-03-02", "--to", "2026-03-01");
        var early = await _tool.Run("kpi", "report", "--from", "0001-01-01", "--to", "0001-01-02");
        var late = await _tool.Run("kpi", "report", "--from", "9999-12-31", "--to", "9999-12-31", "--mail");
        var limit = await _tool.Run("kpi", "anomalies", "--limit", "0");
        var mail = await _tool.Run("kpi", "report", "--mail", "--wait", "00:00:00");

        Assert.All([week, half, reversed, early, late, limit], static run => Assert.Equal(2, run.ExitCode));
        Assert.Contains("1900 to 9000", early.Error, StringComparison.Ordinal);
        Assert.Contains("ReportChannels", mail.Error, StringComparison.Ordinal);
    }

    /// <summary>Returns the sales of ten weeks, with a cancelled order of 80,995 and an unusual hour.</summary>
    private static IEnumerable<object> History()
    {
        var random = new Random(5);
        for (var hour = -63 * 24; hour < 7 * 24; hour++)
        {
            var at = Monday.AddHours(hour);
            if (at.Hour is >= 9 and < 17)
                yield return new GoodsSold("France", 50 + random.Next(20), at);
        }
        yield return new GoodsSold("France", 80_995, Monday.AddDays(1));
        yield return new GoodsSold("France", -80_995, Monday.AddDays(1).AddMinutes(12));
        yield return new GoodsSold("Norway", 3_000, Monday.AddDays(2).AddHours(4));
    }

    private static void Register(ModelBuilder model) => model
        .Event("goods.sold", 1, GoodsSoldJson.Default.GoodsSold)
        .Kpi(new KpiDefinition
        {
            Name = "revenue",
            Unit = "GBP",
            Dimensions = ["country"],
            Events = [typeof(GoodsSold)],
            Measure = static (recorded, values) =>
            {
                if (recorded.Data is GoodsSold sold)
                    values.Add(KpiValue.Of(sold.Amount).At(sold.At).By("country", sold.Country));
            },
        });
}
