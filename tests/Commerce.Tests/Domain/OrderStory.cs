using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Domain;

/// <summary>The order of the specifications in each status. The order contains two mugs at ten pounds each.</summary>
internal static class OrderStory
{
    public static readonly OrderId Id = OrderId.New();
    public static readonly CustomerId Customer = CustomerId.New();
    public static readonly ProductId Mug = ProductId.New();
    public static readonly ProductId Plate = ProductId.New();
    public static readonly Sku Sku = Sku.From("SKU-1");

    private static readonly PaymentId Payment = PaymentId.New();

    /// <summary>Returns an order without items.</summary>
    public static AggregateSpecification<Order> Empty() =>
        Specification
            .For<Order>(Id)
            .Given(new OrderCreated(Id, Id.ToNumber(), Customer, "ada", Example.Home, Example.Now));

    /// <summary>Returns an order in a status.</summary>
    public static AggregateSpecification<Order> In(OrderStatus status) =>
        Empty().Given(Added(2, 10)).Given(EventsUntil(status));

    public static OrderItemAdded Added(int quantity, decimal price, ProductId? product = null) =>
        new(Id, product ?? Mug, Sku, "Thing", quantity, Money.InPounds(price), Example.Now);

    /// <summary>Returns the events of an order until its delivery.</summary>
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
        var events = ToDelivery(Money.InPounds(20), Money.Zero());
        return status switch
        {
            OrderStatus.Draft => [],
            OrderStatus.Submitted => events[..1],
            OrderStatus.PaymentFailed => [events[0], new OrderPaymentFailed(Id, "no money", Example.Now)],
            OrderStatus.Failed => [events[0], new OrderFailed(Id, "no stock", Example.Now)],
            OrderStatus.Cancelled =>
            [
                new OrderCancelled(Id, "changed my mind", "customer", OrderStatus.Draft, Example.Now),
            ],
            OrderStatus.Paid => events[..2],
            OrderStatus.Processing => events[..3],
            OrderStatus.Shipped => events[..4],
            OrderStatus.Delivered => events,
            _ => throw new ArgumentOutOfRangeException(nameof(status)),
        };
    }
}
