using System.Diagnostics.CodeAnalysis;
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

/// <summary>The payment service was asked for the money; its answer may arrive later.</summary>
[Event("payment.requested")]
public sealed record PaymentRequested(
    PaymentId Payment, OrderId Order, FulfilmentId Fulfilment, Money Amount, string Method, DateTimeOffset OccurredAt);

/// <summary>The result of a requested payment is known: paid, or not paid with a reason.</summary>
/// <param name="RequestedAt">The time of the request; null in events of earlier versions of the shop.</param>
[Event("payment.settled")]
public sealed record PaymentSettled(
    PaymentId Payment,
    OrderId Order,
    FulfilmentId Fulfilment,
    bool IsPaid,
    string? Reason,
    DateTimeOffset OccurredAt,
    DateTimeOffset? RequestedAt = null);

[Event("payment.authorized")]
public sealed record PaymentAuthorized(
    PaymentId Payment, OrderId Order, Money Amount, string Method, DateTimeOffset OccurredAt);

[Event("payment.processed")]
public sealed record PaymentProcessed(
    PaymentId Payment, OrderId Order, Money Amount, string Method, string TransactionId, DateTimeOffset OccurredAt);

[Event("payment.failed")]
public sealed record PaymentFailed(PaymentId Payment, OrderId Order, string ErrorMessage, DateTimeOffset OccurredAt);

[Event("payment.refunded")]
public sealed record PaymentRefunded(
    PaymentId Payment, OrderId Order, Money Amount, string Reason, DateTimeOffset OccurredAt);

/// <summary>The payment of an order: authorized, captured, refunded or failed.</summary>
[Stream("payment")]
public sealed partial class Payment : Aggregate<PaymentId>
{
    private string _method = "";
    private FulfilmentId? _fulfilment;
    private DateTimeOffset? _requestedAt;

    public OrderId Order { get; private set; }

    public Money Amount { get; private set; }

    public Money Refunded { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>The bank's transaction id, once the money is captured.</summary>
    public string TransactionId { get; private set; } = "";

    /// <summary>The reason why the payment failed, or an empty text.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Requests the price of an order from the payment service.</summary>
    public void Request(OrderId order, FulfilmentId fulfilment, Money amount, string method, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Pending, "be requested");
        if (_fulfilment is null)
            Raise(new PaymentRequested(Id, order, fulfilment, amount, method, at));
    }

    /// <summary>Records the answer of the payment service. A settled payment does not change, even when a late answer
    /// repeats.</summary>
    public void Settle(Settlement settlement, DateTimeOffset at)
    {
        if (Status != PaymentStatus.Pending || _fulfilment is not { } fulfilment)
            return;
        if (settlement.IsPaid)
        {
            if (settlement.Amount != Amount.Amount || settlement.Currency != Amount.Currency)
                throw new InvalidPaymentAmountException(Amount, new Money(settlement.Amount, settlement.Currency));
            Raise(new PaymentAuthorized(Id, Order, Amount, _method, at));
            Raise(new PaymentProcessed(Id, Order, Amount, _method, settlement.TransactionId, at));
        }
        else
        {
            Raise(new PaymentFailed(Id, Order, settlement.Reason, at));
        }
        Announce(fulfilment, settlement, at);
    }

    /// <summary>Refunds captured money; voids a payment that is not captured yet. Does nothing when neither
    /// applies.</summary>
    public void CallOff(OrderId order, string reason, DateTimeOffset at)
    {
        if (Status == PaymentStatus.Captured)
            Raise(new PaymentRefunded(Id, Order, Amount - Refunded, reason, at));
        else if (Status is PaymentStatus.Pending or PaymentStatus.Authorized)
            Raise(new PaymentFailed(Id, order, reason, at));
    }

    /// <summary>Authorizes the amount, which must equal the price of the order.</summary>
    public void Authorize(OrderId order, Money amount, Money due, string method, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Pending, "be authorized");
        if (amount != due || !amount.IsPositive())
            throw new InvalidPaymentAmountException(due, amount);
        Raise(new PaymentAuthorized(Id, order, amount, method, at));
    }

    /// <summary>Captures the authorized amount.</summary>
    public void Capture(string transactionId, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Authorized, "be captured");
        Raise(new PaymentProcessed(Id, Order, Amount, _method, transactionId, at));
    }

    /// <summary>Records that the bank declined the payment.</summary>
    public void Fail(OrderId order, string error, DateTimeOffset at)
    {
        if (Status is not (PaymentStatus.Pending or PaymentStatus.Authorized))
            throw WrongState("fail");
        Raise(new PaymentFailed(Id, order, error, at));
    }

    /// <summary>Refunds all or some of the amount.</summary>
    public void Refund(Money amount, string reason, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Captured, "be refunded");
        Require(amount.IsPositive(), "refund-positive", "A refund is more than zero.");
        Require(
            (Amount - Refunded - amount).Amount >= 0,
            "refund-within-payment",
            "More cannot be given back than was taken.");
        Raise(new PaymentRefunded(Id, Order, amount, reason, at));
    }

    [SuppressMessage(
        "Millrace", "MILL0220", Justification = "The event tells other parts of the shop the result.")]
    private void Announce(FulfilmentId fulfilment, Settlement settlement, DateTimeOffset at) =>
        Raise(
            new PaymentSettled(
                Id,
                Order,
                fulfilment,
                settlement.IsPaid,
                settlement.IsPaid ? null : settlement.Reason,
                at,
                _requestedAt));

    private void RequireStatus(PaymentStatus status, string action)
    {
        if (Status != status)
            throw WrongState(action);
    }

    private WrongStateException WrongState(string action) =>
        new(nameof(Payment), "invalid-transition", Status.ToString(), action);

    private void When(PaymentRequested requested) =>
        (Order, Amount, _fulfilment, _method, _requestedAt) = (
            requested.Order, requested.Amount, requested.Fulfilment, requested.Method, requested.OccurredAt);

    private void When(PaymentAuthorized authorized) =>
        (Order, Amount, Refunded, _method, Status) = (
            authorized.Order,
            authorized.Amount,
            Money.Zero(authorized.Amount.Currency),
            authorized.Method,
            PaymentStatus.Authorized);

    private void When(PaymentProcessed processed) =>
        (Status, TransactionId) = (PaymentStatus.Captured, processed.TransactionId);

    private void When(PaymentFailed failed) =>
        (Order, Status, Error) = (failed.Order, PaymentStatus.Failed, failed.ErrorMessage);

    private void When(PaymentRefunded refunded)
    {
        Refunded += refunded.Amount;
        if (Refunded == Amount)
            Status = PaymentStatus.Refunded;
    }
}

/// <summary>Thrown when the paid amount is not the price of the order.</summary>
public sealed class InvalidPaymentAmountException(Money expected, Money actual)
    : InvariantViolatedException(
        nameof(Payment), "valid-payment-amount", $"The order costs {expected}, but {actual} was to be paid.")
{
    public Money Expected { get; } = expected;

    public Money Actual { get; } = actual;
}
