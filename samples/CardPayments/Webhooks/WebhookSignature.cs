using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CardPayments.Webhooks;

/// <summary>
/// Signs messages as specified by Standard Webhooks: an HMAC-SHA-256 over id, time and body. A message cannot be
/// forged, changed, or replayed later.
/// </summary>
public static class WebhookSignature
{
    public const string IdHeader = "webhook-id",
        TimestampHeader = "webhook-timestamp",
        SignatureHeader = "webhook-signature";

    /// <summary>Returns the signature of a message.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="id">The id of the message: the same for every attempt.</param>
    /// <param name="seconds">The time of sending, in seconds since 1970.</param>
    /// <param name="body">The exact bytes of the message.</param>
    public static string Of(string secret, string id, long seconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{seconds.ToString(CultureInfo.InvariantCulture)}.");
        return "v1,"
            + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. head, .. body]));
    }
}
