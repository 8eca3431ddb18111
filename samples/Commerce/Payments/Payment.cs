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

/// <summary>The payment service was asked for the money; its answer may come later.</summary>
[Event("payment.requested")]
public sealed record PaymentRequested(
    PaymentId Payment, OrderId Order, FulfilmentId Fulfilment, Money Amount, string Method, DateTimeOffset OccurredAt);

/// <summary>It is known what became of a payment that was requested: paid, or not and why.</summary>
[Event("payment.settled")]
public sealed record PaymentSettled(
    PaymentId Payment, OrderId Order, FulfilmentId Fulfilment, bool IsPaid, string? Reason, DateTimeOffset OccurredAt);

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

/// <summary>Money for an order: promised, taken, given back, or refused.</summary>
[Stream("payment")]
public sealed partial class Payment : Aggregate<PaymentId>
{
    private string _method = "";
    private FulfilmentId? _fulfilment;

    public OrderId Order { get; private set; }

    public Money Amount { get; private set; }

    public Money Refunded { get; private set; }

    public PaymentStatus Status { get; private set; }

    /// <summary>The bank's transaction, once the money is taken.</summary>
    public string TransactionId { get; private set; } = "";

    /// <summary>Why it failed; empty when it has not.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Asks the payment service for what an order costs.</summary>
    public void Request(OrderId order, FulfilmentId fulfilment, Money amount, string method, DateTimeOffset at)
    {
        RequireStatus(PaymentStatus.Pending, "be requested");
        if (_fulfilment is null)
            Raise(new PaymentRequested(Id, order, fulfilment, amount, method, at));
    }

    /// <summary>The payment service has answered. What is settled stays so, however often and late
    /// it is said again.</summary>
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

    /// <summary>Gives back what was taken; what was not taken yet is called off. There may be nothing to do.</summary>
    public void CallOff(OrderId order, string reason, DateTimeOffset at)
    {
        if (Status == PaymentStatus.Captured)
            Raise(new PaymentRefunded(Id, Order, Amount - Refunded, reason, at));
        else if (Status is PaymentStatus.Pending or PaymentStatus.Authorized)
            Raise(new PaymentFailed(Id, order, reason, at));
    }

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
        Require(
            (Amount - Refunded - amount).Amount >= 0,
            "refund-within-payment",
            "More cannot be given back than was taken.");
        Raise(new PaymentRefunded(Id, Order, amount, reason, at));
    }

    [SuppressMessage(
        "Millrace", "MILL0220", Justification = "It tells others what the events before it have done to the state.")]
    private void Announce(FulfilmentId fulfilment, Settlement settlement, DateTimeOffset at) =>
        Raise(
            new PaymentSettled(
                Id, Order, fulfilment, settlement.IsPaid, settlement.IsPaid ? null : settlement.Reason, at));

    private void RequireStatus(PaymentStatus status, string asked)
    {
        if (Status != status)
            throw WrongState(asked);
    }

    private WrongStateException WrongState(string asked) =>
        new(nameof(Payment), "invalid-transition", Status.ToString(), asked);

    private void When(PaymentRequested requested) =>
        (Order, Amount, _fulfilment, _method) = (
            requested.Order, requested.Amount, requested.Fulfilment, requested.Method);

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

/// <summary>The amount paid is not what the order costs.</summary>
public sealed class InvalidPaymentAmountException(Money expected, Money actual)
    : InvariantViolatedException(
        nameof(Payment), "valid-payment-amount", $"The order costs {expected}, but {actual} was to be paid.")
{
    public Money Expected { get; } = expected;

    public Money Actual { get; } = actual;
}
