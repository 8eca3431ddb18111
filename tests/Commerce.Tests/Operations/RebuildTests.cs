using System.Globalization;
using System.Text.Json.Nodes;
using Commerce.OlderBooks;
using Commerce.Orders;
using Commerce.Statistics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Commerce.Tests.Operations;

/// <summary>Tests rebuilds that an operator requests from another process while the shop sells and reads.</summary>
public sealed class RebuildTests : IAsyncLifetime, IDisposable
{
    private const int Records = 4_000;
    private const int MaxSalesAfterRebuild = 60;

    private static readonly DateTimeOffset Noon = new(2010, 12, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _data = new();
    private IHost? _shop;
    private int _sold;

    private IServiceProvider Services => _shop!.Services; // xUnit starts the fixture before any test.

    public async Task InitializeAsync()
    {
        _shop = ShopApplication.CreateWithoutWeb(new ShopOptions { Data = _data.Path, Simulates = false });
        await _shop.StartAsync();
        await Parallel.ForAsync(
            0, Records, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (_, _) => await Sell());
    }

    public async Task DisposeAsync()
    {
        await _shop!.StopAsync(); // The fixture is started.
        _shop.Dispose();
    }

    public void Dispose() => _data.Dispose();

    public static TheoryData<string> Projections { get; } =
        TestRun.IsLong ? ["sales-totals@1", "sales@2", "orders@3"] : ["sales@2"];

    [Theory]
    [MemberData(nameof(Projections))]
    public async Task A_read_model_is_rebuilt_while_the_shop_sells_and_no_stale_answer_is_marked_as_fresh(
        string projection)
    {
        using var stop = new CancellationTokenSource();
        var selling = SellAndRead(stop.Token);

        for (var time = 0; time < 3; time++)
        {
            var (code, output, error) = await OperatorTool.Run(
                _data.Path, "projections", "rebuild", projection.Split('@')[0], "--json");
            Assert.True(code == 0, error);
            Assert.Equal(
                $$"""{"projection":"{{projection}}","isBuilt":true}""", JsonNode.Parse(output)!.ToJsonString());
        }
        await stop.CancelAsync();
        var (fresh, stale) = await selling;

        Assert.True(fresh > 0, $"None of {fresh + stale} answers was fresh.");
        await AssertSound(projection);
    }

    [Fact]
    public async Task The_tool_shows_the_progress_of_a_rebuild_by_the_shop()
    {
        var (code, terminal) = await OperatorTool.RunOnTerminal(_data.Path, "projections", "rebuild", "sales");

        Assert.True(code == 0, terminal);
        Assert.Matches(@"\[#+\.*\] events folded [\d,]+ of \d,\d{3} \(", terminal); // Also events of the platform.
        Assert.Contains("sales@2 was rebuilt.", terminal, StringComparison.Ordinal);
        await Eventually.Get( // The shop updates the status of its consumers periodically.
            async () =>
            {
                var (_, shown, error) = await OperatorTool.Run(_data.Path, "projections", "status", "--json");
                Assert.True(shown.Length > 0, error);
                return JsonNode
                    .Parse(shown)!
                    .AsArray()
                    .Single(row => row!["projection"]!.GetValue<string>() == "sales@2")!;
            },
            sales => sales["lagEvents"]!.GetValue<long>() == 0 && sales["state"]!.GetValue<string>() == "live");
    }

    [Fact]
    public async Task A_paused_read_model_reports_its_reason_and_continues_when_it_is_resumed()
    {
        var consumers = Services.GetRequiredService<Consumers>();
        await consumers.Pause("sales@2");

        var (code, _, error) = await OperatorTool.Run(_data.Path, "projections", "rebuild", "sales", "--json");
        var resumed = await OperatorTool.Run(_data.Path, "consumers", "resume", "sales@2");

        Assert.Equal(1, code);
        Assert.Contains("consumers resume sales@2", error, StringComparison.Ordinal);
        Assert.Equal(0, resumed.ExitCode);
        await AssertSound("sales@2");
    }

    [Fact]
    public async Task A_shop_rebuilds_at_its_next_start()
    {
        await _shop!.StopAsync();
        _shop.Dispose();

        var (code, output, _) = await OperatorTool.Run(
            _data.Path, "projections", "rebuild", "sales", "--no-wait", "--json");
        _shop = ShopApplication.CreateWithoutWeb(new ShopOptions { Data = _data.Path, Simulates = false });
        await _shop.StartAsync();

        Assert.Equal(0, code);
        Assert.False(JsonNode.Parse(output)!["isBuilt"]!.GetValue<bool>());
        await AssertSound("sales@2");
    }

    [Fact]
    public async Task An_unknown_read_model_is_not_found()
    {
        var (code, _, error) = await OperatorTool.Run(_data.Path, "projections", "rebuild", "weather");

        Assert.Equal(3, code);
        Assert.Contains("sales@2", error, StringComparison.Ordinal);
    }

    /// <summary>Folds the log again, and compares the documents with the read model.</summary>
    private async Task AssertSound(string projection)
    {
        var check = await Services.GetRequiredService<Projections>().Check(projection, TimeSpan.FromMinutes(4));
        var first = check.Differences.Take(3).Select(difference => difference.ToString());
        Assert.True(
            check.IsSound,
            $"{check.Differences.Count} of {check.Compared} documents differ: {string.Join("; ", first)}");
    }

    /// <summary>
    /// Sells repeatedly, reads with the token of each sale, and counts the answers. A fresh answer must contain the
    /// sale. Continues until an answer was fresh, which on a slow machine may be after the last rebuild.
    /// </summary>
    private async Task<(int Fresh, int Stale)> SellAndRead(CancellationToken stop)
    {
        var totals = Services.GetRequiredService<IReadModel<string, SalesTotals>>();
        var orders = Services.GetRequiredService<IReadModel<OrderId, OrderView>>();
        var (fresh, stale, afterwards) = (0, 0, 0);
        while (!stop.IsCancellationRequested || (fresh == 0 && afterwards++ < MaxSalesAfterRebuild))
        {
            var (order, token) = await Sell();
            // Each wait is short, so that the rebuild gets many requests, but all waits together are long enough.
            var after = new ReadAfter(token, TimeSpan.FromMilliseconds(stop.IsCancellationRequested ? 1_000 : 5));
            var total = await totals.Get(SalesTotals.Key, after, CancellationToken.None);
            var view = await orders.Get(order, after, CancellationToken.None);
            if (total.IsFresh)
                Assert.True(
                    total.Value?.Lines >= _sold,
                    $"The fresh totals contain only {total.Value?.Lines ?? 0} of {_sold} sales.");
            if (view.IsFresh)
                Assert.NotNull(view.Value);
            (fresh, stale) = total.IsFresh && view.IsFresh ? (fresh + 1, stale) : (fresh, stale + 1);
        }
        return (fresh, stale);
    }

    private async Task<(OrderId Order, ConsistencyToken Token)> Sell()
    {
        var number = (500_000 + Interlocked.Increment(ref _sold)).ToString(CultureInfo.InvariantCulture);
        var line = new SaleLine("SKU-1", "Mug", 1, 2.5m);
        var record = new SaleRecord(number, SaleKind.Sale, null, null, "Ireland", [line], 1);
        var order = OrderId.OfNumber(number);
        var sold = await Services.GetRequiredService<ICommandBus>().Send(new TakeOverSale(order, record, Noon));
        return (order, sold.Token);
    }
}
