using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Computes the entries of blind indexes: HMAC-SHA-256 of a value, truncated to 128 bits, in base64url. Equal values of
/// one field have equal hashes. Each field and each scope of claims has its own key, which is derived from a data key.
/// </summary>
internal static class BlindHash
{
    private const int HashBytes = 16;

    private static ReadOnlySpan<byte> Info => "millrace-idx1"u8;

    /// <summary>Returns the hash of a value that is not null.</summary>
    /// <param name="key">The data key of the index.</param>
    /// <param name="name">The name of the field, or of the scope of claims.</param>
    /// <param name="kind">The kind of the values.</param>
    /// <param name="value">The value, which has this kind.</param>
    public static string Of(DataKey key, string name, FieldKind kind, FieldValue value)
    {
        Span<byte> derived = stackalloc byte[DataKey.SecretBytes];
        key.Derive([.. Info, .. Encoding.UTF8.GetBytes(name)], derived);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(derived, Encoding.UTF8.GetBytes(TextOf(kind, value)), hash);
        CryptographicOperations.ZeroMemory(derived);
        return Base64Url.EncodeToString(hash[..HashBytes]);
    }

    /// <summary>Returns the same text for values that storages compare as equal.</summary>
    private static string TextOf(FieldKind kind, FieldValue value) => value.Value switch
    {
        string text => text,
        TimeSpan ticks => ticks.Ticks.ToString(CultureInfo.InvariantCulture),
        double real => FieldNumbers.ToSortable(real).ToString(CultureInfo.InvariantCulture),
        decimal exact => (exact / 1.000000000000000000000000000000m).ToString(CultureInfo.InvariantCulture),
        long whole => whole.ToString(CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"A value of the kind {kind} cannot be hashed.", nameof(value)),
    };
}
