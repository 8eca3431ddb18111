namespace CardPayments.Webhooks;

/// <summary>Who is told, and the secret that both sides know.</summary>
public sealed class WebhookTarget(Uri? address, string secret)
{
    /// <summary>Where to; null while nobody is there yet.</summary>
    public Uri? Address { get; set; } = address;

    public string Secret { get; } = secret;
}
