using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Domain;

/// <summary>The order of the specifications in its stages; it contains two mugs at ten pounds each.</summary>
internal static class OrderStory
{
    public static readonly OrderId Id = OrderId.New();
    public static readonly CustomerId Customer = CustomerId.New();
    public static readonly ProductId Mug = ProductId.New();
    public static readonly ProductId Plate = ProductId.New();
    public static readonly Sku Sku = Sku.From("SKU-1");

    private static readonly PaymentId Payment = PaymentId.New();

    /// <summary>An order without items.</summary>
    public static AggregateSpecification<Order> Empty() =>
        Specification
            .For<Order>(Id)
            .Given(new OrderCreated(Id, Id.ToNumber(), Customer, "ada", Example.Home, Example.Now));

    /// <summary>An order in a state.</summary>
    public static AggregateSpecification<Order> In(OrderStatus status) =>
        Empty().Given(Added(2, 10)).Given(EventsUntil(status));

    public static OrderItemAdded Added(int quantity, decimal price, ProductId? product = null) =>
        new(Id, product ?? Mug, Sku, "Thing", quantity, Money.InPounds(price), Example.Now);

    /// <summary>The events of an order until it is delivered.</summary>
    public static object[] ToDelivery(Money total, Money discount) =>
    [
        new OrderSubmitted(Id, Customer, total, discount, OrderStatus.Draft, Example.Now),
        new OrderPaid(Id, Payment, "tx-1", Example.Now),
        new OrderProcessingStarted(Id, Example.Now),
        new OrderShipped(Id, "TRACK-1", Example.Now),
        new OrderDelivered(Id, Example.Now),
    ];

    public static void Submit(this Order order) => order.Submit(Example.NoDiscount, Example.Now, Example.Now);

    public static void Pay(this Order order) => order.MarkPaid(Payment, "tx-1", Example.Now);

    private static object[] EventsUntil(OrderStatus status)
    {
        var way = ToDelivery(Money.InPounds(20), Money.Zero());
        return status switch
        {
            OrderStatus.Draft => [],
            OrderStatus.Submitted => way[..1],
            OrderStatus.PaymentFailed => [way[0], new OrderPaymentFailed(Id, "no money", Example.Now)],
            OrderStatus.Failed => [way[0], new OrderFailed(Id, "no stock", Example.Now)],
            OrderStatus.Cancelled =>
            [
                new OrderCancelled(Id, "changed my mind", "customer", OrderStatus.Draft, Example.Now),
            ],
            OrderStatus.Paid => way[..2],
            OrderStatus.Processing => way[..3],
            OrderStatus.Shipped => way[..4],
            OrderStatus.Delivered => way,
            _ => throw new ArgumentOutOfRangeException(nameof(status)),
        };
    }
}
