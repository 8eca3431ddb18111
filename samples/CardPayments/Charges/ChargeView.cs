namespace CardPayments.Charges;

/// <summary>A charge in the read model.</summary>
public sealed record ChargeView(
    ChargeId Id,
    [property: Indexed] string Reference,
    decimal Amount,
    decimal Refunded,
    string Currency,
    ChargeStatus Status,
    string? TransactionId,
    string? Reason,
    [property: Indexed] DateTimeOffset Requested);

[Projection("charges")]
public sealed partial class ChargeProjection : Projection<ChargeId, ChargeView>
{
    public static ChargeId Key(ChargeRequested requested) => requested.Charge;

    public static ChargeView Apply(ChargeView? view, ChargeRequested requested) => new(
        requested.Charge,
        requested.Reference,
        requested.Amount,
        0,
        requested.Currency,
        ChargeStatus.Pending,
        null,
        null,
        requested.OccurredAt);

    public static ChargeId Key(ChargeAuthorized authorized) => authorized.Charge;

    public static ChargeView? Apply(ChargeView? view, ChargeAuthorized authorized) =>
        view is null ? null : view with { Status = ChargeStatus.Authorized };

    public static ChargeId Key(ChargeDeclined declined) => declined.Charge;

    public static ChargeView? Apply(ChargeView? view, ChargeDeclined declined) =>
        view is null ? null : view with { Status = ChargeStatus.Declined, Reason = declined.Reason };

    public static ChargeId Key(ChargeCaptured captured) => captured.Charge;

    public static ChargeView? Apply(ChargeView? view, ChargeCaptured captured) =>
        view is null ? null : view with { Status = ChargeStatus.Captured, TransactionId = captured.TransactionId };

    public static ChargeId Key(ChargeVoided voided) => voided.Charge;

    /// <summary>A charge that was voided before it was requested gets no document.</summary>
    public static ChargeView? Apply(ChargeView? view, ChargeVoided voided) =>
        view is null ? null : view with { Status = ChargeStatus.Voided, Reason = voided.Reason };

    public static ChargeId Key(ChargeRefunded refunded) => refunded.Charge;

    public static ChargeView? Apply(ChargeView? view, ChargeRefunded refunded)
    {
        if (view is null)
            return null;
        var refundedTotal = view.Refunded + refunded.Amount;
        return view with
        {
            Refunded = refundedTotal,
            Status = refundedTotal == view.Amount ? ChargeStatus.Refunded : view.Status,
            Reason = refunded.Reason,
        };
    }
}
