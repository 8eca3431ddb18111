namespace CardPayments.Charges;

/// <summary>A charge was requested. The bank's answer is a later event.</summary>
[Event("charge.requested")]
public sealed record ChargeRequested(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string Card,
    bool Captures,
    DateTimeOffset OccurredAt);

/// <summary>The bank authorized the charge.</summary>
[Event("charge.authorized")]
public sealed record ChargeAuthorized(
    ChargeId Charge, string Reference, decimal Amount, string Currency, DateTimeOffset OccurredAt);

/// <summary>The bank declined the charge.</summary>
[Event("charge.declined")]
public sealed record ChargeDeclined(ChargeId Charge, string Reference, string Reason, DateTimeOffset OccurredAt);

/// <summary>The authorized money was captured.</summary>
[Event("charge.captured")]
public sealed record ChargeCaptured(
    ChargeId Charge,
    string Reference,
    decimal Amount,
    string Currency,
    string TransactionId,
    DateTimeOffset OccurredAt);

/// <summary>Captured money was refunded.</summary>
[Event("charge.refunded")]
public sealed record ChargeRefunded(
    ChargeId Charge, string Reference, decimal Amount, string Currency, string Reason, DateTimeOffset OccurredAt);

/// <summary>The charge was voided before money was captured, possibly before it was requested.</summary>
[Event("charge.voided")]
public sealed record ChargeVoided(ChargeId Charge, string Reference, string Reason, DateTimeOffset OccurredAt);
