using System.Text.Json.Nodes;
using Commerce.Services;
using Commerce.Tests.Payments;
using Servers;

namespace Commerce.Tests.Services;

/// <summary>Tests orders and inventory as two services with separate stores, with each broker.</summary>
public sealed class ServicesTests(RunningCardPayments bank) : IClassFixture<RunningCardPayments>, IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute. ChoreographyTests use RabbitMQ.
    public async Task Over_RabbitMQ_an_order_is_delivered_and_another_undone()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await DeliverAndUndo(ShopBroker.RabbitMq, address);
    }

    /// <summary>
    /// Tests only the wire format and not the durability of a broker (see <see cref="KafkaServer"/>).
    /// </summary>
    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // AnnouncementTests starts two services over Kafka's protocol in each run.
    public async Task Over_Kafkas_protocol_an_order_is_delivered_and_another_undone()
    {
        using var server = new KafkaServer();
        await DeliverAndUndo(ShopBroker.Kafka, server.Address);
    }

    /// <summary>
    /// Tests that etcd lists the services. Over Redis, an order is delivered and another is undone.
    /// </summary>
    [EtcdFact]
    public async Task Services_trade_over_Redis_find_each_other_through_etcd_and_are_removed_when_they_stop()
    {
        await using var etcd = await EtcdServer.Start();
        await using var server = await RedisServer.Start();
        using var shop = await TwoServiceShop.Start(
            ShopBroker.Redis, server.Address, _data.Path, bank, "--etcd", etcd.Address);
        using var desk = new OrderClient(() => shop.Orders.Address);

        await WaitUntilConnected(shop, desk);
        using var inventory = new OrderClient(() => shop.Inventory.Address);
        var report = await inventory.Get("/api/services");
        Assert.Contains("etcd", report["registry"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(
            ["inventory", "orders"],
            report["registered"]!.AsArray().Select(service => service!["name"]!.GetValue<string>()));
        Assert.Equal(
            shop.Orders.Address, new Uri(Assert.Single(report["endpoints"]!["orders"]!.AsArray())!.GetValue<string>()));
        Assert.Equal(
            [
                "to shop.stock: product.stock-changed",
                "from inventory-commands: allocate, hand-out-allocation, release-allocation, "
                    + "take-back-allocation, take-in",
                "to inventory-events: inventory.committed, inventory.released, inventory.reserved, "
                    + "inventory.stock-added, inventory.stock-removed, product.stock-changed"],
            report["flows"]!.AsArray().Select(FlowOf));

        await DeliverAndUndo(desk);
        Assert.Equal(0, await shop.Inventory.Stop());
        var remaining = await desk.Get("/api/services");
        Assert.Equal("orders", Assert.Single(remaining["registered"]!.AsArray())!["name"]!.GetValue<string>());
    }

    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // The chaos and the choreography crash services in each run.
    public async Task Over_RabbitMQ_either_service_recovers_from_a_crash()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await KillEither(ShopBroker.RabbitMq, address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_Redis_either_service_recovers_from_a_crash()
    {
        await using var server = await RedisServer.Start();
        await KillEither(ShopBroker.Redis, server.Address);
    }

    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes. The next test trades over the same broker.
    public async Task Over_RabbitMQ_a_refused_product_has_no_stock()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        await RefuseAProduct(ShopBroker.RabbitMq, address);
    }

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)]
    public async Task Over_Redis_a_refused_product_has_no_stock()
    {
        await using var server = await RedisServer.Start();
        await RefuseAProduct(ShopBroker.Redis, server.Address);
    }

    private async Task RefuseAProduct(ShopBroker broker, string address)
    {
        using var shop = await TwoServiceShop.Start(broker, address, _data.Path, bank);
        using var desk = new OrderClient(() => shop.Orders.Address);
        using var inventory = new OrderClient(() => shop.Inventory.Address);
        await WaitUntilConnected(shop, desk);
        object Mug(int quantity, string sku) => new { name = "Mug", price = 10, initialQuantity = quantity, sku };

        var first = await desk.Post("/api/products", Mug(5, "ONLY-ONE"));
        var refused = await desk.Refused("/api/products", Mug(6, "ONLY-ONE"));
        var last = await desk.Post("/api/products", Mug(7, "ANOTHER"));

        Assert.Equal("taken", refused);
        await desk.Stocked(first["productId"]!.GetValue<string>(), 5);
        await desk.Stocked(last["productId"]!.GetValue<string>(), 7);
        var stock = await Eventually.Get(
            async () => (await inventory.Get("/api/inventory"))["items"]?.AsArray()
                .Select(item => item!["quantity"]!.GetValue<int>()).ToList() ?? [],
            quantities => quantities.Contains(5) && quantities.Contains(7),
            OrderClient.WaitTimeout);
        Assert.Equal([5, 7], stock.Order());
    }

    private async Task DeliverAndUndo(ShopBroker broker, string address)
    {
        using var shop = await TwoServiceShop.Start(broker, address, _data.Path, bank);
        using var desk = new OrderClient(() => shop.Orders.Address);
        await WaitUntilConnected(shop, desk);
        await DeliverAndUndo(desk);
        Assert.Equal((0, 0), (await shop.Orders.Stop(), await shop.Inventory.Stop()));
    }

    private async Task DeliverAndUndo(OrderClient desk)
    {
        var product = await desk.Product(quantity: 10);

        var order = await desk.Order(product, quantity: 3);
        await desk.Becomes(order, "shipped");
        await desk.Post($"/api/orders/{order}/deliver", new { });
        var tooMany = await desk.Becomes(await desk.Order(product, quantity: 8), "failed");
        var refused = await desk.Order(product, quantity: 2, card: "visa-0002");
        await desk.Becomes(refused, "paymentFailed");

        Assert.Contains("8 of product", tooMany["reason"]!.GetValue<string>(), StringComparison.Ordinal);
        await desk.Becomes(order, "delivered");
        await Eventually.Get(() => desk.Stock(product), stock => stock == (7, 0), OrderClient.WaitTimeout);
        await Eventually.Get(
            () => desk.Get($"/api/products/{product}"),
            view => view["availableQuantity"]?.GetValue<int>() == 7,
            OrderClient.WaitTimeout);
        await Eventually.Get(() => CapturedMoney(order), taken => taken == 30, OrderClient.WaitTimeout);
        Assert.Equal(0, await CapturedMoney(refused));
        var fulfilment = await Eventually.Get(
            () => desk.Get($"/api/orders/{order}/fulfilment"),
            found => found["tries"]?[0]?["state"]?.GetValue<string>() == "completed",
            OrderClient.WaitTimeout);
        Assert.All(
            fulfilment["tries"]![0]!["steps"]!.AsArray(),
            step => Assert.Equal("done", step!["stand"]!.GetValue<string>()));
    }

    private async Task KillEither(ShopBroker broker, string address)
    {
        using var shop = await TwoServiceShop.Start(broker, address, _data.Path, bank);
        using var desk = new OrderClient(() => shop.Orders.Address);
        await WaitUntilConnected(shop, desk);
        var product = await desk.Product(quantity: 20);
        var orders = new List<string> { await desk.Order(product, quantity: 1) };

        shop.Inventory.Kill();
        orders.Add(await desk.Order(product, quantity: 2));
        orders.Add(await desk.Order(product, quantity: 3));
        await Eventually.Get(
            () => desk.Get("/api/services"),
            report => report["found"]?["urls"]?.AsArray().Count == 0,
            OrderClient.WaitTimeout);
        await shop.Inventory.Restart();
        await desk.Becomes(orders[1], "shipped");

        orders.Add(await desk.Order(product, quantity: 4));
        shop.Orders.Kill();
        await shop.Orders.Restart();
        orders.Add(await desk.Order(product, quantity: 5));

        foreach (var order in orders)
            await desk.Becomes(order, "shipped");
        await WaitUntilConnected(shop, desk);
        await Eventually.Get(() => desk.Stock(product), stock => stock == (5, 0), OrderClient.WaitTimeout);
        await Eventually.Get(
            () => desk.Get($"/api/products/{product}"),
            view => view["availableQuantity"]?.GetValue<int>() == 5,
            OrderClient.WaitTimeout);
        for (var i = 0; i < orders.Count; i++)
            await Eventually.Get(
                () => CapturedMoney(orders[i]), money => money == (i + 1) * 10, OrderClient.WaitTimeout);
    }

    /// <summary>
    /// Waits until each service has found the other service and the broker. The shop would retry an earlier request
    /// only after a timeout.
    /// </summary>
    private static async Task WaitUntilConnected(TwoServiceShop shop, OrderClient desk)
    {
        using var inventory = new OrderClient(() => shop.Inventory.Address);
        await desk.Finds(shop.Inventory.Address);
        await inventory.Finds(shop.Orders.Address);
    }

    private static string FlowOf(JsonNode? flow) => (flow!["receiver"] is null ? "to " : "from ")
        + $"{flow["destination"]}: "
        + $"{string.Join(", ", flow["types"]!.AsArray().Select(type => type!.GetValue<string>()))}";

    /// <summary>Returns the captured money of an order minus refunds.</summary>
    private async Task<decimal> CapturedMoney(string order)
    {
        var charges = await RunningShop.Json(await bank.Http.GetAsync($"/charges?reference={order}"));
        return charges["items"]!.AsArray()
            .Where(charge => charge!["status"]!.GetValue<string>() is "captured" or "refunded")
            .Sum(charge => charge!["amount"]!.GetValue<decimal>() - charge["refunded"]!.GetValue<decimal>());
    }
}
