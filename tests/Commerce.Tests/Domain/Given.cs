using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.Pricing;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Domain;

/// <summary>Aggregates to try the rules on, without a store behind them that anybody looks at.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Address Home = new("1 Mill Lane", "Rochdale", "Lancashire", "OL16 1AA", "United Kingdom");
    public static readonly PricingService NoDiscount = new(new VolumeDiscount(decimal.MaxValue, 0, TimeSpan.MaxValue, 0));

    private static readonly AggregateRepository Repository = OpenRepository();

    public static ProductDescription Description(string name, decimal price)
    {
        var attributes = new Dictionary<string, string> { ["colour"] = "blue" };
        return new(Sku.From("MUG-1"), name, "Holds tea.", Money.InPounds(price), "kitchen", attributes);
    }

    public static InventoryItem Stock(int quantity)
    {
        var product = ProductId.New();
        var item = Load<InventoryItem, InventoryItemId>(InventoryItemId.Of(product, WarehouseId.Main));
        item.Add(product, WarehouseId.Main, quantity, "delivery", Now);
        return item;
    }

    public static Payment Payment() => Load<Payment, PaymentId>(PaymentId.New());

    public static Customer Customer() => Load<Customer, CustomerId>(CustomerId.New());

    /// <summary>An order that has never been heard of.</summary>
    public static Order UnknownOrder() => Load<Order, OrderId>(OrderId.New());

    public static Order Draft()
    {
        var order = UnknownOrder();
        order.Create(order.Id.ToNumber(), CustomerId.New(), "ada", Home, Now);
        return order;
    }

    public static ProductId Add(this Order order, int quantity = 2, decimal price = 10m)
    {
        var product = ProductId.New();
        order.AddItem(product, Sku.From("SKU-1"), "Thing", quantity, Money.InPounds(price), Now);
        return product;
    }

    /// <summary>An order with one item, in a state.</summary>
    public static Order OrderIn(OrderStatus status)
    {
        var order = Draft();
        order.Add();
        foreach (var step in WayTo(status))
            step(order);
        Assert.Equal(status, order.Status);
        return order;
    }

    public static void Submit(this Order order) => order.Submit(NoDiscount, Now, Now);

    public static void Pay(this Order order) => order.MarkPaid(PaymentId.New(), "tx-1", Now);

    private static Action<Order>[] WayTo(OrderStatus status) => status switch
    {
        OrderStatus.Draft => [],
        OrderStatus.Submitted => [Submit],
        OrderStatus.PaymentFailed => [Submit, order => order.MarkPaymentFailed("no money", Now)],
        OrderStatus.Failed => [Submit, order => order.Fail("no stock", Now)],
        OrderStatus.Cancelled => [order => order.Cancel("changed my mind", "customer", Now)],
        OrderStatus.Paid => [Submit, Pay],
        OrderStatus.Processing => [.. WayTo(OrderStatus.Paid), order => order.StartProcessing(Now)],
        OrderStatus.Shipped => [.. WayTo(OrderStatus.Processing), order => order.Ship("TRACK-1", Now)],
        OrderStatus.Delivered => [.. WayTo(OrderStatus.Shipped), order => order.Deliver(Now)],
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    private static TAggregate Load<TAggregate, TId>(TId id)
        where TAggregate : Aggregate<TId>
        where TId : notnull => Repository.LoadOrNew<TAggregate, TId>(id).AsTask().GetAwaiter().GetResult();

    private static AggregateRepository OpenRepository()
    {
        var host = MillraceTestHost.Start(millrace => millrace.AddModel<Shop>()).GetAwaiter().GetResult();
        return host.Services.GetRequiredService<AggregateRepository>();
    }
}
