using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Millrace;

/// <summary>Signs webhooks, and checks the signature of a received webhook.</summary>
/// <remarks>
/// The signature is <c>v1=</c> and the HMAC-SHA256 of the timestamp, a dot and the body, in hexadecimal digits. The
/// timestamp is part of it, so that a recorded request cannot be sent again later.
/// </remarks>
public static class WebhookSignature
{
    /// <summary>The header with the time of the attempt, in seconds since 1970.</summary>
    public const string TimestampHeader = "Millrace-Timestamp";

    /// <summary>The header with the signature.</summary>
    public const string SignatureHeader = "Millrace-Signature";

    /// <summary>
    /// The header with the id of the notice, which is the same for each attempt. It is not part of the signature: use
    /// the <c>id</c> in the body to refuse replays.
    /// </summary>
    public const string IdempotencyHeader = "Idempotency-Key";

    private const string Version = "v1=";

    /// <summary>Returns the signature of a body.</summary>
    public static string Of(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        ArgumentException.ThrowIfNullOrEmpty(timestamp);
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(timestamp + "."));
        hash.AppendData(body);
        return Version + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Returns whether a signature matches, and its timestamp is near the current time.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="timestamp">The value of <see cref="TimestampHeader"/>.</param>
    /// <param name="signature">The value of <see cref="SignatureHeader"/>.</param>
    /// <param name="body">The received bytes.</param>
    /// <param name="now">The current time.</param>
    /// <param name="tolerance">The maximum difference between the timestamp and the current time, such as 5 minutes.
    /// A receiver that also discards a repeated <c>id</c> of the body refuses every replay. The header
    /// <see cref="IdempotencyHeader"/> is not part of the signature.</param>
    public static bool IsValid(
        string secret,
        string? timestamp,
        string? signature,
        ReadOnlySpan<byte> body,
        DateTimeOffset now,
        TimeSpan tolerance)
    {
        ArgumentException.ThrowIfNullOrEmpty(secret);
        if (signature is null
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - seconds) > tolerance.TotalSeconds)
            return false;
        var expected = Of(secret, timestamp, body);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(signature));
    }
}
