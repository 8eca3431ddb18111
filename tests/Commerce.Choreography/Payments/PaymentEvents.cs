namespace Commerce.Choreography.Payments;

/// <summary>The bank was asked, and answers when it likes.</summary>
[Event("payment.requested")]
public sealed record PaymentRequested(OrderId Order, decimal Amount);

[Event("payment.processed")]
public sealed record PaymentProcessed(OrderId Order, string TransactionId, decimal Amount);

[Event("payment.failed")]
public sealed record PaymentFailed(OrderId Order, string ErrorMessage);

[Event("payment.called-off")]
public sealed record PaymentCalledOff(OrderId Order);

[Event("payment.refunded")]
public sealed record PaymentRefunded(OrderId Order, decimal Amount, string Reason);
