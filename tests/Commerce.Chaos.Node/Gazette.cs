namespace Commerce.Chaos;

/// <summary>What the listener knows: what becomes of orders, in its own words, and that it has noted it.</summary>
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

/// <summary>The listener has handled a message about an order.</summary>
/// <param name="Message">The message's id: that of the event in the shop's log.</param>
[Event("order.noted")]
public sealed record OrderNoted(string Message);
