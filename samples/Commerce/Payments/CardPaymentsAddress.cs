namespace Commerce.Payments;

/// <summary>The address of the payment service, and the secret that signs its messages.</summary>
/// <param name="secret">The shared secret.</param>
/// <param name="find">Returns the address; starts the service when it belongs to the shop.</param>
public sealed class CardPaymentsAddress(string secret, Func<CancellationToken, ValueTask<Uri>> find)
{
    public string Secret { get; } = secret;

    /// <summary>Returns the address of the service.</summary>
    /// <exception cref="CardPaymentsUnavailableException">The shop's own service cannot be started.</exception>
    public ValueTask<Uri> Find(CancellationToken cancellationToken) => find(cancellationToken);
}
