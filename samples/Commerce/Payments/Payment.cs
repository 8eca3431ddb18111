using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Payments;

[Id<Guid>]
public readonly partial record struct PaymentId;

public enum PaymentStatus
{
    Pending,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

[Event("payment.authorized")]
public sealed record PaymentAuthorized(PaymentId Payment, OrderId Order, Money Amount, string Method, DateTimeOffset OccurredAt);

[Event("payment.processed")]
public sealed record PaymentProcessed(
    PaymentId Payment, OrderId Order, Money Amount, string Method, string TransactionId, DateTimeOffset OccurredAt);

[Event("payment.failed")]
public sealed record PaymentFailed(PaymentId Payment, OrderId Order, string ErrorMessage, DateTimeOffset OccurredAt);

[Event("payment.refunded")]
public sealed record PaymentRefunded(PaymentId Payment, OrderId Order, Money Amount, string Reason, DateTimeOffset OccurredAt);

/// <summary>Money for an order: promised, taken, given back, or refused.</summary>
[Stream("payment")]
public sealed partial class Payment : Aggregate<PaymentId>
{
    private string _method = "";

    public OrderId Order { get; private set; }

    public Money Amount { get; private set; }

    public Money Refunded { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>The customer's bank promises the amount, which must be what the order costs.</summary>
    public void Authorize(OrderId order, Money amount, Money due, string method, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Pending, "be authorized");
        if (amount != due || !amount.IsPositive())
            throw new InvalidPaymentAmountException(due, amount);
        Raise(new PaymentAuthorized(Id, order, amount, method, at));
    }

    /// <summary>The promised amount is taken.</summary>
    public void Capture(string transactionId, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Authorized, "be captured");
        Raise(new PaymentProcessed(Id, Order, Amount, _method, transactionId, at));
    }

    /// <summary>The bank refuses.</summary>
    public void Fail(OrderId order, string error, DateTimeOffset at)
    {
        if (Status is not (PaymentStatus.Pending or PaymentStatus.Authorized))
            throw WrongState("fail");
        Raise(new PaymentFailed(Id, order, error, at));
    }

    /// <summary>Gives some or all of it back.</summary>
    public void Refund(Money amount, string reason, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Captured, "be refunded");
        Require(amount.IsPositive(), "refund-positive", "A refund is more than zero.");
        Require((Amount - Refunded - amount).Amount >= 0, "refund-within-payment", "More cannot be given back than was taken.");
        Raise(new PaymentRefunded(Id, Order, amount, reason, at));
    }

    private void RequireStatus(PaymentStatus status, string asked)
    {
        if (Status != status)
            throw WrongState(asked);
    }

    private WrongStateException WrongState(string asked) =>
        new(nameof(Payment), "invalid-transition", Status.ToString(), asked);

    private void When(PaymentAuthorized authorized) =>
        (Order, Amount, Refunded, _method, Status) =
        (authorized.Order, authorized.Amount, Money.Zero(authorized.Amount.Currency), authorized.Method, PaymentStatus.Authorized);

    private void When(PaymentProcessed processed) => Status = PaymentStatus.Captured;

    private void When(PaymentFailed failed) => (Order, Status) = (failed.Order, PaymentStatus.Failed);

    private void When(PaymentRefunded refunded)
    {
        Refunded += refunded.Amount;
        if (Refunded == Amount)
            Status = PaymentStatus.Refunded;
    }
}

/// <summary>The amount paid is not what the order costs.</summary>
public sealed class InvalidPaymentAmountException(Money expected, Money actual)
    : InvariantViolatedException(nameof(Payment), "valid-payment-amount", $"The order costs {expected}, but {actual} was to be paid.")
{
    public Money Expected { get; } = expected;

    public Money Actual { get; } = actual;
}
