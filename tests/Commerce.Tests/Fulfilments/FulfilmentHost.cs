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

namespace Commerce.Tests.Fulfilments;

/// <summary>The shop with a virtual clock, a configurable bank and a configurable mailbox.</summary>
internal sealed class FulfilmentHost : IAsyncDisposable
{
    private MillraceTestHost? _host;

    public FakeBank FakeBank { get; } = new();

    public TestMailbox TestMailbox { get; } = new();

    public MillraceTestHost Host => _host!; // Start starts the host before it returns.

    public Processes Processes => Host.Services.GetRequiredService<Processes>();

    /// <summary>Gets the virtual clock.</summary>
    public ManualTimeProvider Time { get; } = new();

    /// <summary>Starts the shop.</summary>
    /// <param name="add">Adds more to the model, such as retention; nothing by default.</param>
    public static async Task<FulfilmentHost> Start(Action<MillraceBuilder>? add = null)
    {
        var shop = new FulfilmentHost();
        var time = shop.Time;
        shop._host = await MillraceTestHost.Start(
            millrace =>
            {
                millrace
                    .UseInMemoryKeys()
                    .AddModel<Shop>()
                    .ConfigureConsumers(all =>
                    {
                        // The interval is long, because polling would be slow over a month of virtual time.
                        (all.LookEvery, all.LeaseDuration) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5));
                        all.CheckpointEvery = TimeSpan.FromMinutes(1);
                    });
                add?.Invoke(millrace);
            },
            services =>
                services
                    .AddSingleton(new ShopClock(time))
                    .AddSingleton<IDiscountPolicy>(VolumeDiscount.Default)
                    .AddSingleton<PricingService>()
                    .AddSingleton<FulfilmentLog>()
                    .AddSingleton(new StockLocking(false))
                    .AddScoped<StockLockScope>()
                    .AddScoped<LocalStockService>()
                    .AddScoped<IStockService, LocalStockService>()
                    .AddSingleton<ICardPayments>(shop.FakeBank)
                    .AddSingleton<IMailer>(new DeduplicatingMailer(shop.TestMailbox)),
            time);
        shop.Host.SettleTimeout = TimeSpan.FromMinutes(5);
        return shop;
    }

    public async Task<ProductId> GivenProduct(int quantity, decimal price = 10)
    {
        var id = ProductId.New();
        var sku = Sku.From($"M-{Guid.NewGuid():N}"[..12]);
        var product = new CreateProduct(
            "Mug", price, Description: "Holds tea.", Category: "kitchen", Sku: sku, Product: id)
        {
            InitialQuantity = quantity,
        };
        await Host.Commands.Send(product);
        await Do(new ActivateProduct(id));
        return id;
    }

    public Task<OrderId> GivenOrder(string country, params (ProductId Product, int Quantity)[] items) =>
        GivenOrder(OrderId.New(), country, items);

    public async Task<OrderId> GivenOrder(
        OrderId id, string country, params (ProductId Product, int Quantity)[] items)
    {
        var customer = new RegisterCustomer(
            Username.From($"user-{Guid.NewGuid():N}"[..20]), Email.From("ada@example.com"), CustomerId.New());
        await Host.Commands.Send(customer);
        var order = new CreateOrder(
            customer.Customer, Example.Home with { Country = country },
            [.. items.Select(item => new WantedItem(item.Product, item.Quantity))], id);
        await Host.Commands.Send(order);
        return order.Order;
    }

    /// <summary>Checks out an order, and waits until its fulfilment settles.</summary>
    public async Task<OrderId> CheckedOut(params (ProductId Product, int Quantity)[] items)
    {
        var order = await GivenOrder("Ireland", items);
        await Do(new CheckOut(order, "visa-4242"));
        return order;
    }

    /// <summary>Sends a command, and waits until the host settles.</summary>
    public async Task Do<TResult>(ICommand<TResult> command)
    {
        await Host.Commands.Send(command);
        await Host.Settle();
    }

    public Task<FulfilmentView> Fulfilment(OrderId order) => Attempt(order, 0);

    /// <summary>
    /// Returns an attempt to fulfil an order. The number 0 selects the latest attempt, and 1 the one before.
    /// </summary>
    public async Task<FulfilmentView> Attempt(OrderId order, int attemptsBack) =>
        (await Host.Services.GetRequiredService<FulfilmentLog>().ListAttempts(order, default))[attemptsBack];

    public async Task<OrderView> Order(OrderId order) =>
        // The order exists.
        (await Host.Services.GetRequiredService<IReadModel<OrderId, OrderView>>().Get(order)).Value!;

    public async Task<PaymentView?> Payment(OrderId order, int attempt = 1) => (await Host.Services
        .GetRequiredService<IReadModel<PaymentId, PaymentView>>().Get(FulfilmentId.Of(order, attempt).Payment)).Value;

    /// <summary>Returns the quantity and the reserved quantity of a product.</summary>
    public async Task<(int Quantity, int Reserved)> Stock(ProductId product)
    {
        var stock = (await Host.Services.GetRequiredService<IReadModel<InventoryItemId, StockView>>()
            .Get(InventoryItemId.Of(product, WarehouseId.Main))).Value!; // The product has a first stock.
        return (stock.Quantity, stock.Reserved);
    }

    public async Task Resume(OrderId order, string reason)
    {
        await Processes.Resume("fulfilment", order.ToString(), "ada", reason);
        await Host.Settle();
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
