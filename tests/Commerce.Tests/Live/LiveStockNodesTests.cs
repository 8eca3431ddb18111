using System.Diagnostics;
using System.Net.Http.Json;
using Servers;

namespace Commerce.Tests.Live;

/// <summary>
/// Tests that live stock reports the changes of another node. Two processes of the shop share one database.
/// </summary>
public sealed class LiveStockNodesTests : IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http = new();
    private Process? _shop;

    public void Dispose()
    {
        if (_shop is { HasExited: false })
            _shop.Kill(entireProcessTree: true);
        _shop?.Dispose();
        _http.Dispose();
    }

    [PostgreSqlFact]
    public async Task Every_node_reports_changes_of_another_node_through_the_log()
    {
        await using var server = await PostgreSqlServer.Start();
        var (one, other) = await Start(server, redis: null);
        var product = await GivenProduct(one);
        using var listener = await StockListener.Connect(other);

        await listener.Subscribe(product);
        var quantities = new List<int> { await listener.Available() };
        for (var i = 0; i < 20; i++)
            await Add(one, product);
        while (quantities[^1] < 30)
            quantities.Add(await listener.Available());

        Assert.Equal(Enumerable.Range(10, 21), quantities);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute.
    public async Task Through_Redis_every_node_reports_changes_of_another_node_even_after_an_outage()
    {
        await using var server = await PostgreSqlServer.Start();
        await using var redis = await RedisServer.Start();
        var (one, other) = await Start(server, redis.Address);
        var product = await GivenProduct(one);
        using var listener = await StockListener.Connect(other);
        await listener.Subscribe(product);
        var quantities = new List<int> { await listener.Available() };
        await Add(one, product);
        quantities.Add(await listener.Available()); // The other node has now subscribed.
        for (var i = 0; i < 9; i++)
            await Add(one, product);
        while (quantities[^1] < 20)
            quantities.Add(await listener.Available());
        Assert.Equal(Enumerable.Range(10, 11), quantities);

        await redis.Crash();
        for (var i = 0; i < 10; i++)
            await Add(one, product);
        await redis.Restart();
        while (quantities[^1] < 30)
            quantities.Add(await listener.Available());

        Assert.Equal(quantities.Order(), quantities);
    }

    private async Task<(Uri One, Uri Other)> Start(PostgreSqlServer server, string? redis)
    {
        var database = await server.CreateDatabase();
        var start = new ProcessStartInfo(
            "dotnet",
            [
                typeof(ShopApplication).Assembly.Location,
                "--postgres",
                $"postgres://owner@127.0.0.1:{server.Port}/{database}",
                "--nodes",
                "2",
                "--port",
                "0",
                "--no-simulation",
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        if (redis is not null)
            start.Environment["Millrace__Redis__Address"] = redis;
        _shop = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        return (await Address(_shop), await Address(_shop));
    }

    private static async Task<Uri> Address(Process shop) =>
        // If the program fails, standard error contains the reason.
        new((await shop.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout))!.Split(' ')[^1]);

    private async Task<string> GivenProduct(Uri node)
    {
        var product = new { name = "Mug", price = 10, initialQuantity = 10, category = "kitchen" };
        await Staff.SignIn(_http, node); // All nodes accept the cookie.
        var created = await RunningShop.Json(await _http.PostAsJsonAsync(new Uri(node, "/api/products"), product));
        var id = created["productId"]!.GetValue<string>();
        await RunningShop.Stocked(_http, node, id, 10, WaitTimeout);
        return id;
    }

    private async Task Add(Uri node, string product) =>
        await RunningShop.Json(
            await _http.PostAsJsonAsync(new Uri(node, "/api/inventory"), new { product, quantity = 1 }));
}
