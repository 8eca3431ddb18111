namespace Commerce.Payments;

/// <summary>The final result of a payment.</summary>
/// <param name="TransactionId">The bank's transaction id; empty when nothing was paid.</param>
/// <param name="Reason">The reason why nothing was paid, or an empty text when the payment succeeded.</param>
public sealed record Settlement(bool IsPaid, decimal Amount, string Currency, string TransactionId, string Reason)
{
    public static Settlement Refused(string reason) => new(false, 0, "", "", reason);
}
