namespace Commerce.Payments;

/// <summary>What the payment service says of a payment in the end.</summary>
/// <param name="TransactionId">The bank's transaction; empty when nothing was paid.</param>
/// <param name="Reason">Why nothing was paid; empty when it was.</param>
public sealed record Settlement(bool IsPaid, decimal Amount, string Currency, string TransactionId, string Reason)
{
    public static Settlement Refused(string reason) => new(false, 0, "", "", reason);
}
