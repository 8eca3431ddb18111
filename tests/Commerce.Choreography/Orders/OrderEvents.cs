namespace Commerce.Choreography.Orders;

[Event("order.submitted")]
public sealed record OrderSubmitted(OrderId Order, IReadOnlyList<OrderLine> Lines, decimal Total, string Card);

/// <summary>There is stock for all of it: now for the money.</summary>
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

/// <summary>There is no stock for it.</summary>
[Event("order.failed")]
public sealed record OrderFailed(OrderId Order, string Reason);

/// <summary>Nobody has answered in time.</summary>
[Event("order.cancelled")]
public sealed record OrderCancelled(OrderId Order, string Reason);
