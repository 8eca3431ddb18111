namespace Commerce.Payments;

/// <summary>The final result of a payment.</summary>
/// <param name="TransactionId">The bank's transaction id; empty when nothing was paid.</param>
/// <param name="Reason">Why nothing was paid; empty when it was.</param>
public sealed record Settlement(bool IsPaid, decimal Amount, string Currency, string TransactionId, string Reason)
{
    public static Settlement Refused(string reason) => new(false, 0, "", "", reason);
}
