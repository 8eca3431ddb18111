using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Mailing;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.Tests.Domain;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Servers;

namespace Commerce.Tests.Fulfilments;

/// <summary>
/// Tests many concurrent orders on several nodes for the last units. Each unit is sold once, and no order gets only
/// some of its lines.
/// </summary>
public sealed class LastUnitsTests : IDisposable
{
    private const int Pieces = 20;

    private readonly TemporaryDirectory _data = new();
    private readonly FakeBank _bank = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public Task On_a_file_each_unit_is_sold_once() =>
        Race(millrace => millrace.UseSqlite(Path.Combine(_data.Path, "shop.db")), nodes: 2, orders: 60);

    [PostgreSqlFact]
    public async Task On_a_database_with_three_nodes_each_unit_is_sold_once()
    {
        await using var server = await PostgreSqlServer.Start();
        var connection = server.ConnectionString(await server.CreateDatabase());
        await Race(millrace => millrace.UsePostgreSql(connection), nodes: 3, orders: 60);
    }

    /// <summary>
    /// Every order needs two units of each of two products. Half as many orders succeed as there are units of one
    /// product.
    /// </summary>
    private async Task Race(Func<MillraceBuilder, MillraceBuilder> store, int nodes, int orders)
    {
        var hosts = new List<IHost>();
        try
        {
            for (var node = 0; node < nodes; node++)
                hosts.Add(await Start(store));
            var products = new[] { await CreateProduct(hosts[0]), await CreateProduct(hosts[0]) };
            var placed = await Task.WhenAll(Enumerable.Range(0, orders).Select(
                number => Task.Run(() => Place(hosts[number % nodes], products, number))));

            var states = new List<OrderStatus>();
            foreach (var order in placed)
                states.Add(await WaitForOutcome(hosts[0], order));

            Assert.Equal(Pieces / 2, states.Count(state => state == OrderStatus.Shipped));
            Assert.Equal(orders - (Pieces / 2), states.Count(state => state == OrderStatus.Failed));
            foreach (var product in products)
                await Eventually.Get(() => Stock(hosts[0], product), stock => stock is { Quantity: 0, Reserved: 0 });
            Assert.Equal(Pieces / 2, _bank.Taken.Count);
        }
        finally
        {
            foreach (var host in hosts)
            {
                await host.StopAsync();
                host.Dispose();
            }
        }
    }

    private async Task<IHost> Start(Func<MillraceBuilder, MillraceBuilder> store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services
            .AddSingleton(new ShopClock(TimeProvider.System))
            .AddSingleton<IDiscountPolicy>(VolumeDiscount.Default)
            .AddSingleton<PricingService>()
            .AddSingleton<FulfilmentLog>()
            .AddSingleton(new StockLocking(false))
            .AddScoped<StockLockScope>()
            .AddScoped<LocalStockService>()
            .AddScoped<IStockService, LocalStockService>()
            .AddSingleton<ICardPayments>(_bank)
            .AddSingleton<IMailer>(new TestMailbox());
        builder.Services.AddMillrace(millrace => store(millrace)
            .UseSqliteKeys(Path.Combine(_data.Path, "keys.db"), Example.Passphrase)
            .AddModel<Shop>()
            .ConfigureCommands(commands => commands.Retry = InventoryHandlers.Retry));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<ProductId> CreateProduct(IHost host)
    {
        var bus = host.Services.GetRequiredService<ICommandBus>();
        var id = ProductId.New();
        await bus.Send(new CreateProduct("Mug", 10, Category: "kitchen", Product: id) { InitialQuantity = Pieces });
        await bus.Send(new ActivateProduct(id));
        await Eventually.Get(() => Stock(host, id), stock => stock is { Quantity: Pieces }, TimeSpan.FromMinutes(3));
        return id;
    }

    private static async Task<OrderId> Place(IHost host, IReadOnlyList<ProductId> products, int number)
    {
        var bus = host.Services.GetRequiredService<ICommandBus>();
        var customer = new RegisterCustomer(
            Username.From($"user-{Guid.NewGuid():N}"[..20]), Email.From($"u{number}@example.com"), CustomerId.New());
        await bus.Send(customer);
        // The orders have the products in different sequences, to provoke deadlocks.
        var items = (number % 2 == 0 ? products : products.Reverse()).Select(product => new WantedItem(product, 2));
        var order = new CreateOrder(customer.Customer, Example.Home, [.. items], OrderId.New());
        await bus.Send(order);
        await bus.Send(new CheckOut(order.Order, "visa-4242"));
        return order.Order;
    }

    private static async Task<OrderStatus> WaitForOutcome(IHost host, OrderId order)
    {
        var orders = host.Services.GetRequiredService<IReadModel<OrderId, OrderView>>();
        return (
            await Eventually.Get(
                async () => (await orders.Get(order)).Value?.Status ?? OrderStatus.Draft,
                status =>
                    status
                        is OrderStatus.Shipped
                            or OrderStatus.Failed
                            or OrderStatus.PaymentFailed
                            or OrderStatus.Cancelled,
                TimeSpan.FromMinutes(3)));
    }

    private static async Task<StockView?> Stock(IHost host, ProductId product)
    {
        var stock = host.Services.GetRequiredService<IReadModel<InventoryItemId, StockView>>();
        return (await stock.Get(InventoryItemId.Of(product, WarehouseId.Main))).Value;
    }
}
