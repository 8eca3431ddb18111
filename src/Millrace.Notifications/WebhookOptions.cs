namespace Millrace;

/// <summary>The options of a webhook. They come only from code and configuration, never from a request.</summary>
public sealed class WebhookOptions
{
    /// <summary>The minimum number of characters of a secret.</summary>
    private const int MinSecret = 16;

    /// <summary>Gets or sets the address that receives the notices, with <c>http</c> or <c>https</c>.</summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// Gets or sets the secret with which the notices are signed, at least 16 characters; null, the default, for no
    /// signature.
    /// </summary>
    public string? Secret { get; set; }

    internal IEnumerable<string> Problems()
    {
        if (Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" })
            yield return "Url: must be an address with http or https.";
        if (Secret is { Length: < MinSecret })
            yield return $"Secret: must have at least {MinSecret} characters.";
    }
}
