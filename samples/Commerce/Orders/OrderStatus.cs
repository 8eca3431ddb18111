namespace Commerce.Orders;

/// <summary>
/// The status of an order. Draft → Submitted → Paid → Processing → Shipped → Delivered. From Submitted also to
/// PaymentFailed (and back) and Failed. To Cancelled from every status before Shipped except Failed.
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

/// <summary>The allowed transitions.</summary>
public static class OrderTransitions
{
    /// <summary>Returns whether the shop still works on an order, and needs the address of its customer.</summary>
    public static bool IsOpen(this OrderStatus status) => status
        is OrderStatus.Submitted or OrderStatus.Paid or OrderStatus.Processing or OrderStatus.Shipped;

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
