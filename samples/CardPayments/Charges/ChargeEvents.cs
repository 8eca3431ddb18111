namespace CardPayments.Charges;

/// <summary>Somebody asks for money; whether it comes is told later.</summary>
[Event("charge.requested")]
public sealed record ChargeRequested(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string Card,
    bool Captures,
    DateTimeOffset OccurredAt);

/// <summary>The bank promises the money.</summary>
[Event("charge.authorized")]
public sealed record ChargeAuthorized(
    ChargeId Charge, string Reference, decimal Amount, string Currency, DateTimeOffset OccurredAt);

/// <summary>The bank refuses.</summary>
[Event("charge.declined")]
public sealed record ChargeDeclined(ChargeId Charge, string Reference, string Reason, DateTimeOffset OccurredAt);

/// <summary>The promised money is taken.</summary>
[Event("charge.captured")]
public sealed record ChargeCaptured(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string TransactionId,
    DateTimeOffset OccurredAt);

/// <summary>Taken money goes back.</summary>
[Event("charge.refunded")]
public sealed record ChargeRefunded(
    ChargeId Charge, string Reference, decimal Amount, string Currency, string Reason, DateTimeOffset OccurredAt);

/// <summary>It was called off before any money was taken, perhaps even before it was asked for.</summary>
[Event("charge.voided")]
public sealed record ChargeVoided(ChargeId Charge, string Reference, string Reason, DateTimeOffset OccurredAt);
