using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Millrace.Auditing.Merkle;

namespace Millrace.Auditing.Sealing;

/// <summary>
/// A seal of the log: the root of the Merkle tree over the first events, chained to the previous seal and signed.
/// </summary>
internal sealed record Seal
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Gets the id of the log, which its first seal chooses.</summary>
    public required Guid Log { get; init; }

    /// <summary>Gets the number of the seal, from 1.</summary>
    public required long Number { get; init; }

    /// <summary>Gets the epoch of the log.</summary>
    public required long Epoch { get; init; }

    /// <summary>Gets the number of leaves, which is the last sealed position.</summary>
    public required long Size { get; init; }

    /// <summary>Gets the root of the tree.</summary>
    public required Hash256 Root { get; init; }

    /// <summary>Gets the records of removals at the time of the seal.</summary>
    public required RemovalChain Removals { get; init; }

    /// <summary>Gets the hash of the previous seal; zeros for the first seal.</summary>
    public required Hash256 Previous { get; init; }

    /// <summary>Gets the time, in UTC with a precision of microseconds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the id of the key: SHA-256 of the public key.</summary>
    public required Hash256 Key { get; init; }

    /// <summary>Gets the public key as a DER SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>Gets the ECDSA signature over <see cref="Text"/> with SHA-256, in DER.</summary>
    public ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>Gets the text of the time.</summary>
    public string TimeText => Time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Gets the signed text: ASCII, one value on each line. The format is permanent.</summary>
    public string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        millrace-seal v1
        log {Log:D}
        number {Number}
        epoch {Epoch}
        size {Size}
        root {Root}
        removals {Removals.Count}
        removals-hash {Removals.Hash}
        previous {Previous}
        time {TimeText}
        key {Key}

        """).ReplaceLineEndings("\n");

    /// <summary>Gets the hash of the signed text, which the next seal contains.</summary>
    public Hash256 Hash => new(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    /// <summary>Parses the text of a time.</summary>
    public static bool TryParseTime(string? text, out DateTimeOffset time) => DateTimeOffset.TryParseExact(
        text,
        TimeFormat,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
        out time);

    /// <summary>Returns whether the signature is valid for a public key.</summary>
    public bool IsSignedBy(ReadOnlySpan<byte> publicKey)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return P256Key.IsP256(key) && key.VerifyData(
                Encoding.ASCII.GetBytes(Text),
                Signature.Span,
                HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (Exception exception) when (P256Key.IsProblem(exception))
        {
            return false; // The key or the signature is not valid DER, or the platform does not support the curve.
        }
    }

    public bool Equals(Seal? other) =>
        other is not null
        && Text == other.Text
        && PublicKey.Span.SequenceEqual(other.PublicKey.Span)
        && Signature.Span.SequenceEqual(other.Signature.Span);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
