namespace CardPayments.Webhooks;

/// <summary>The receiver of webhooks, and the shared secret.</summary>
public sealed class WebhookTarget(Uri? address, string secret)
{
    /// <summary>The address of the receiver, or null until the address is configured.</summary>
    public Uri? Address { get; set; } = address;

    public string Secret { get; } = secret;
}
