using Commerce.Services;
using Commerce.Tests.Live;
using Commerce.Tests.Payments;
using Servers;

namespace Commerce.Tests.Services;

/// <summary>Tests live stock at the service of the page, with the stock in the other service.</summary>
public sealed class LiveStockServicesTests(RunningCardPayments bank) : IClassFixture<RunningCardPayments>, IDisposable
{
    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [RedisFact]
    [Trait(TestRun.Kind, TestRun.Long)] // LiveStockNodesTests checks the same between nodes.
    public async Task Through_Redis_each_change_reaches_the_page()
    {
        await using var redis = await RedisServer.Start();
        using var shop = await TwoServiceShop.Start(ShopBroker.Redis, redis.Address, _data.Path, bank);
        await AssertBothReceiveChanges(shop);
    }

    /// <summary>Without Redis, the service of the page receives the stock changes from the broker.</summary>
    [RabbitMqFact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute.
    public async Task Without_Redis_each_change_arrives_through_the_broker()
    {
        var address = (await RabbitMqServer.Shared).TakeVirtualHost();
        using var shop = await TwoServiceShop.Start(ShopBroker.RabbitMq, address, _data.Path, bank);
        await AssertBothReceiveChanges(shop);
    }

    /// <summary>
    /// Checks that a client of each service receives the stock changes of the inventory service, each once and in
    /// order.
    /// </summary>
    private static async Task AssertBothReceiveChanges(TwoServiceShop shop)
    {
        using var desk = new OrderClient(() => shop.Orders.Address);
        using var inventory = new OrderClient(() => shop.Inventory.Address);
        await desk.Finds(shop.Inventory.Address);
        await inventory.Finds(shop.Orders.Address);
        var product = await desk.Product(quantity: 10);
        using var page = await StockListener.Connect(shop.Orders.Address);
        using var store = await StockListener.Connect(shop.Inventory.Address);
        await page.Subscribe(product);
        await store.Subscribe(product);
        var (atPage, atStore) = (new List<int> { await page.Available() }, new List<int> { await store.Available() });

        await inventory.Post("/api/inventory/remove", new { product, quantity = 1 });
        atPage.Add(await page.Available()); // Both services have now subscribed.
        atStore.Add(await store.Available());
        for (var i = 0; i < 7; i++)
            await inventory.Post("/api/inventory/remove", new { product, quantity = 1 });
        while (atPage[^1] > 2)
            atPage.Add(await page.Available());
        while (atStore[^1] > 2)
            atStore.Add(await store.Available());

        Assert.Equal(Enumerable.Range(2, 9).Reverse(), atPage);
        Assert.Equal(Enumerable.Range(2, 9).Reverse(), atStore);
    }
}
