namespace Commerce.Choreography.Payments;

/// <summary>Recorded when the service sends a payment to the bank, which answers at any later time.</summary>
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
