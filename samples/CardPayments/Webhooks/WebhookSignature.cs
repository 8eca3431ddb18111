using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CardPayments.Webhooks;

/// <summary>
/// Signs what is sent, as Standard Webhooks has it: an HMAC-SHA-256 over id, time and body, so that a message cannot be
/// made up, changed, or sent again later.
/// </summary>
public static class WebhookSignature
{
    public const string IdHeader = "webhook-id",
        TimestampHeader = "webhook-timestamp",
        SignatureHeader = "webhook-signature";

    /// <summary>The signature of a message.</summary>
    /// <param name="secret">What both sides know.</param>
    /// <param name="id">The id of the message: the same however often it is sent.</param>
    /// <param name="seconds">When it is sent, in seconds since 1970.</param>
    /// <param name="body">The message, byte for byte.</param>
    public static string Of(string secret, string id, long seconds, ReadOnlySpan<byte> body)
    {
        var head = Encoding.UTF8.GetBytes($"{id}.{seconds.ToString(CultureInfo.InvariantCulture)}.");
        return "v1,"
            + Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. head, .. body]));
    }
}
