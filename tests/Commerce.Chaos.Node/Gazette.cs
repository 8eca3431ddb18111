namespace Commerce.Chaos;

/// <summary>
/// The model of the listener: its own declarations of the order events, and the event of a received message.
/// </summary>
[Model]
public sealed partial class Gazette;

[Event("order.submitted")]
public sealed record OrderSubmitted(Guid Order);

[Event("order.checked-out")]
public sealed record OrderCheckedOut(Guid Order);

[Event("order.paid")]
public sealed record OrderPaid(Guid Order);

[Event("order.payment-failed")]
public sealed record OrderPaymentFailed(Guid Order);

[Event("order.processing-started")]
public sealed record OrderProcessingStarted(Guid Order);

[Event("order.shipped")]
public sealed record OrderShipped(Guid Order);

[Event("order.delivered")]
public sealed record OrderDelivered(Guid Order);

[Event("order.cancelled")]
public sealed record OrderCancelled(Guid Order);

[Event("order.failed")]
public sealed record OrderFailed(Guid Order);

/// <summary>Recorded when the listener has handled a message about an order.</summary>
/// <param name="Message">The id of the message, which is the id of the event in the log of the shop.</param>
[Event("order.noted")]
public sealed record OrderNoted(string Message);
