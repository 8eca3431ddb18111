namespace Commerce.Orders;

/// <summary>
/// Where an order is on its way. Draft → Submitted → Paid → Processing → Shipped → Delivered; from Submitted also to
/// PaymentFailed (and back) and Failed; to Cancelled from everything that has not been shipped and has not failed.
/// </summary>
public enum OrderStatus
{
    Draft,
    Submitted,
    PaymentFailed,
    Paid,
    Processing,
    Shipped,
    Delivered,
    Cancelled,
    Failed,
}

/// <summary>Which way leads where.</summary>
public static class OrderTransitions
{
    public static bool Allows(OrderStatus from, OrderStatus to) => (from, to) switch
    {
        (OrderStatus.Draft, OrderStatus.Submitted) => true,
        (OrderStatus.PaymentFailed, OrderStatus.Submitted) => true,
        (OrderStatus.Submitted, OrderStatus.Paid or OrderStatus.PaymentFailed or OrderStatus.Failed) => true,
        (OrderStatus.Paid, OrderStatus.Processing) => true,
        (OrderStatus.Processing, OrderStatus.Shipped) => true,
        (OrderStatus.Shipped, OrderStatus.Delivered) => true,
        (OrderStatus.Draft or OrderStatus.Submitted or OrderStatus.PaymentFailed, OrderStatus.Cancelled) => true,
        (OrderStatus.Paid or OrderStatus.Processing, OrderStatus.Cancelled) => true,
        _ => false,
    };
}
