namespace CardPayments.Charges;

/// <summary>Requests money.</summary>
/// <param name="Charge">The id, which the caller chooses. A repeated request with the same id is the same
/// charge.</param>
/// <param name="Reference">What the charge pays for, such as an order.</param>
/// <param name="Captures">True to capture the money immediately; false to only authorize it.</param>
public sealed record RequestCharge(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string Card,
    bool Captures = true) : ICommand<ChargeAnswer>;

/// <summary>Captures the authorized money.</summary>
public sealed record CaptureCharge(ChargeId Charge) : ICommand<ChargeAnswer>;

/// <summary>Refunds the given amount, or everything that is left. Voids a charge that is not captured yet.</summary>
public sealed record RefundCharge(ChargeId Charge, string Reason, decimal? Amount = null) : ICommand<ChargeAnswer>;

/// <summary>Records the late answer of the bank. Sent by a timer.</summary>
public sealed record SettleCharge(ChargeId Charge) : ICommand<ChargeAnswer>;

/// <summary>Gets a charge.</summary>
public sealed record GetCharge(ChargeId Charge) : IQuery<ChargeView?>;

/// <summary>
/// Lists the charges for a reference, or all charges, oldest first. A page has at most 1,000 charges.
/// </summary>
public sealed record ListCharges(string? Reference = null, int Skip = 0) : IQuery<ChargePage>;

/// <summary>The state of a charge after a command.</summary>
/// <param name="Reason">The reason why the charge was declined, voided or refunded, or null.</param>
public sealed record ChargeAnswer(
    ChargeId Charge,
    ChargeStatus Status,
    decimal Amount,
    decimal Refunded,
    string Currency,
    string? TransactionId,
    string? Reason)
{
    public static ChargeAnswer Of(Charge charge) => new(
        charge.Id, charge.Status, charge.Amount, charge.Refunded, charge.Currency, charge.TransactionId, charge.Reason);
}

/// <summary>A page of charges and the total count.</summary>
public sealed record ChargePage(IReadOnlyList<ChargeView> Items, long Total);
