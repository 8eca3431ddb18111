using Commerce.Orders;

namespace Commerce.Payments;

/// <summary>A payment in the read model.</summary>
public sealed record PaymentView(
    PaymentId Id,
    [property: Indexed] OrderId Order,
    decimal Amount,
    decimal Refunded,
    string Currency,
    PaymentStatus Status,
    string? TransactionId,
    string? Error,
    DateTimeOffset Updated);

[Projection("payments")]
public sealed partial class PaymentProjection : Projection<PaymentId, PaymentView>
{
    public static PaymentId Key(PaymentRequested requested) => requested.Payment;

    public static PaymentView Apply(PaymentView? view, PaymentRequested requested) => new(
        requested.Payment,
        requested.Order,
        requested.Amount.Amount,
        0,
        requested.Amount.Currency,
        PaymentStatus.Pending,
        null,
        null,
        requested.OccurredAt);

    public static PaymentId Key(PaymentAuthorized authorized) => authorized.Payment;

    public static PaymentView Apply(PaymentView? view, PaymentAuthorized authorized) => new(
        authorized.Payment,
        authorized.Order,
        authorized.Amount.Amount,
        0,
        authorized.Amount.Currency,
        PaymentStatus.Authorized,
        null,
        null,
        authorized.OccurredAt);

    public static PaymentId Key(PaymentProcessed processed) => processed.Payment;

    public static PaymentView? Apply(PaymentView? view, PaymentProcessed processed) =>
        view is null
            ? null
            : view with
            {
                Status = PaymentStatus.Captured,
                TransactionId = processed.TransactionId,
                Updated = processed.OccurredAt,
            };

    public static PaymentId Key(PaymentFailed failed) => failed.Payment;

    public static PaymentView Apply(PaymentView? view, PaymentFailed failed) =>
        (
            view
            ?? new PaymentView(
                failed.Payment, failed.Order, 0, 0, "", PaymentStatus.Failed, null, null, failed.OccurredAt)) with
        {
            Status = PaymentStatus.Failed,
            Error = failed.ErrorMessage,
            Updated = failed.OccurredAt,
        };

    public static PaymentId Key(PaymentRefunded refunded) => refunded.Payment;

    public static PaymentView? Apply(PaymentView? view, PaymentRefunded refunded)
    {
        if (view is null)
            return null;
        var refundedTotal = view.Refunded + refunded.Amount.Amount;
        return view with
        {
            Refunded = refundedTotal,
            Status = refundedTotal == view.Amount ? PaymentStatus.Refunded : view.Status,
            Updated = refunded.OccurredAt,
        };
    }
}
