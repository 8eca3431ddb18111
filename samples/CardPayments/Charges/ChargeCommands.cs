namespace CardPayments.Charges;

/// <summary>Asks for money.</summary>
/// <param name="Charge">The id, given by whoever asks: asking again with it is asking for the same.</param>
/// <param name="Reference">What it is for, such as an order.</param>
/// <param name="Captures">Whether the money is taken at once; otherwise it is only promised.</param>
public sealed record RequestCharge(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string Card,
    bool Captures = true) : ICommand<ChargeAnswer>;

/// <summary>Takes the money that was promised.</summary>
public sealed record CaptureCharge(ChargeId Charge) : ICommand<ChargeAnswer>;

/// <summary>Gives money back, all that is left of it unless an amount is named; calls off what
/// was not taken yet.</summary>
public sealed record RefundCharge(ChargeId Charge, string Reason, decimal? Amount = null) : ICommand<ChargeAnswer>;

/// <summary>The bank answers at last. Sent by a timer.</summary>
public sealed record SettleCharge(ChargeId Charge) : ICommand<ChargeAnswer>;

/// <summary>A charge as it stands.</summary>
public sealed record GetCharge(ChargeId Charge) : IQuery<ChargeView?>;

/// <summary>The charges for something, or all of them, oldest first; at most 1,000.</summary>
public sealed record ListCharges(string? Reference = null, int Skip = 0) : IQuery<ChargePage>;

/// <summary>How a charge stands after a command.</summary>
/// <param name="Reason">Why it was declined, called off or given back; null when it was not.</param>
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

/// <summary>Some of the charges, and how many there are in all.</summary>
public sealed record ChargePage(IReadOnlyList<ChargeView> Items, long Total);
