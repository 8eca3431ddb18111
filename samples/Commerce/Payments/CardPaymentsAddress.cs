namespace Commerce.Payments;

/// <summary>Where the payment service is, and the secret that signs what it sends.</summary>
/// <param name="secret">What both sides know.</param>
/// <param name="find">Tells where it is; starts it where it is the shop's own.</param>
public sealed class CardPaymentsAddress(string secret, Func<CancellationToken, ValueTask<Uri>> find)
{
    public string Secret { get; } = secret;

    /// <summary>Where it is.</summary>
    /// <exception cref="CardPaymentsUnavailableException">The shop's own cannot be started.</exception>
    public ValueTask<Uri> Find(CancellationToken cancellationToken) => find(cancellationToken);
}
