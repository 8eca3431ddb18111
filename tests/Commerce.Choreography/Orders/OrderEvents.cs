namespace Commerce.Choreography.Orders;

[Event("order.submitted")]
public sealed record OrderSubmitted(OrderId Order, IReadOnlyList<OrderLine> Lines, decimal Total, string Card);

/// <summary>Recorded when the stock of all lines is reserved, and the order requests the payment.</summary>
[Event("order.payment-requested")]
public sealed record OrderPaymentRequested(OrderId Order, decimal Amount, string Card);

[Event("order.paid")]
public sealed record OrderPaid(OrderId Order, string TransactionId);

[Event("order.payment-failed")]
public sealed record OrderPaymentFailed(OrderId Order, string ErrorMessage);

[Event("order.processing-started")]
public sealed record OrderProcessingStarted(OrderId Order);

[Event("order.shipping-started")]
public sealed record OrderShippingStarted(OrderId Order, string TrackingCode);

/// <summary>Recorded when the stock is insufficient.</summary>
[Event("order.failed")]
public sealed record OrderFailed(OrderId Order, string Reason);

/// <summary>Recorded when the order has no outcome in time.</summary>
[Event("order.cancelled")]
public sealed record OrderCancelled(OrderId Order, string Reason);
