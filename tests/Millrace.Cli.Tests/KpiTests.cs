using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for business figures, on a store and on a running application.</summary>
public sealed class KpiTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] March = ["--from", "2026-03-02", "--to", "2026-03-04"];

    private readonly Tool _tool = new();
    private WebApplication _app = null!; // Set before each test.

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAuthorizationBuilder().AddPolicy("all", policy => policy.RequireAssertion(_ => true));
        builder.Services.AddMillrace(millrace => millrace.UseSqlite(_tool.Store).AddModel(Register));
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.UseAuthorization();
        _app.MapMillrace(options => options.OperatorPolicy = "all");
        await _app.StartAsync();
        var token = (await _app.Services.GetRequiredService<EventStore>().Append(
            new StreamId("order-1"),
            ExpectedVersion.Any,
            [
                new GoodsSold("France", 10.50m, Monday.AddDays(-7)),
                new GoodsSold("France", 21, Monday),
                new GoodsSold("Norway", -1.25m, Monday.AddHours(2)),
                new GoodsSold("Norway", 4, Monday.AddDays(1)),
            ])).Token;
        Assert.True(await _app.Services.GetRequiredService<Consumers>()
            .WaitFor("kpi-revenue@1", token, TimeSpan.FromMinutes(1)));
    }

    public async Task DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Figures_are_listed_with_their_hours()
    {
        var table = await _tool.RunOk("kpi");
        var json = await _tool.RunOk("kpi", "list", "--json");
        var server = await _tool.RunOk("kpi", "list", "--server", _app.Urls.First());

        Assert.Contains("revenue", table.Output, StringComparison.Ordinal);
        Assert.Contains("country", table.Output, StringComparison.Ordinal);
        Assert.Equal("GBP", json.Json[0].GetProperty("unit").GetString());
        Assert.Equal("sum", json.Json[0].GetProperty("kind").GetString());
        Assert.Equal(Monday.AddDays(-7), json.Json[0].GetProperty("first").GetDateTimeOffset());
        Assert.Contains("revenue", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_figure_is_shown_by_day_and_compared_with_the_week_before()
    {
        var table = await _tool.RunOk(["kpi", "show", "revenue", .. March, "--weeks", "4"]);
        var json = await _tool.RunOk(["kpi", "show", "revenue", .. March, "--weeks", "4", "--json"]);

        Assert.Contains("revenue (GBP): 23.75", table.Output, StringComparison.Ordinal);
        Assert.Contains("+88.1 %", table.Output, StringComparison.Ordinal);
        var point = json.Json[0].GetProperty("points")[0];
        Assert.Equal(19.75m, point.GetProperty("value").GetDecimal());
        Assert.Equal(10.50m, point.GetProperty("comparison").GetProperty("median").GetDecimal());
        Assert.Equal("order-1", point.GetProperty("largest")[0].GetProperty("stream").GetString());
    }

    [Fact]
    public async Task The_members_of_a_dimension_are_shown_from_the_store_and_from_the_application()
    {
        string[] show = ["kpi", "show", "revenue", .. March, "--by", "country"];

        var table = await _tool.RunOk(show);
        var json = await _tool.RunOk([.. show, "--json"]);
        var one = await _tool.RunOk([.. show, "--member", "Norway", "--step", "hour", "--json"]);
        var server = await _tool.RunOk([.. show, "--server", _app.Urls.First(), "--json"]);

        Assert.Contains("France", table.Output, StringComparison.Ordinal);
        Assert.Equal("France", json.Json[0].GetProperty("member").GetString());
        Assert.Equal(2.75m, json.Json[1].GetProperty("total").GetProperty("value").GetDecimal());
        Assert.Equal(48, one.Json[0].GetProperty("points").GetArrayLength());
        Assert.Equal(
            "kpi-revenue/2026-03-02T11Z-country.members.Norway.sum",
            one.Json[0].GetProperty("points")[11].GetProperty("path").GetString());
        Assert.Equal(json.Json[1].GetProperty("total").ToString(), server.Json[1].GetProperty("total").ToString());
    }

    [Fact]
    public async Task Unknown_figures_and_wrong_options_are_reported()
    {
        var unknown = await _tool.Run("kpi", "show", "profit");
        var dimension = await _tool.Run("kpi", "show", "revenue", "--by", "city");
        var atServer = await _tool.Run("kpi", "show", "profit", "--server", _app.Urls.First());
        var reversed = await _tool.Run("kpi", "show", "revenue", "--since", "2026-01-02", "--before", "2026-01-01");
        var step = await _tool.Run("kpi", "show", "revenue", "--step", "year");
        var member = await _tool.Run("kpi", "show", "revenue", "--member", "France");
        var weeks = await _tool.Run("kpi", "show", "revenue", "--weeks", "100");

        Assert.Equal((3, 3, 3), (unknown.ExitCode, dimension.ExitCode, atServer.ExitCode));
        Assert.Contains("revenue", unknown.Error, StringComparison.Ordinal);
        Assert.Contains("country", dimension.Error, StringComparison.Ordinal);
        Assert.All([reversed, step, member, weeks], run => Assert.Equal(2, run.ExitCode));
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
