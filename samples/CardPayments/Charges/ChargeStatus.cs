namespace CardPayments.Charges;

/// <summary>The status of a charge.</summary>
public enum ChargeStatus
{
    Pending,
    Authorized,
    Captured,
    Declined,
    Voided,
    Refunded,
}
