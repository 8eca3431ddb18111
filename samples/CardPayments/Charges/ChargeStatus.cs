namespace CardPayments.Charges;

/// <summary>Where a charge stands.</summary>
public enum ChargeStatus
{
    Pending,
    Authorized,
    Captured,
    Declined,
    Voided,
    Refunded,
}
