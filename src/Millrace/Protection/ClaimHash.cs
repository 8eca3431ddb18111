using System.Buffers.Text;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// The stored form of the values of protected claims: a prefix and the hash, so that plain values are recognized.
/// </summary>
internal static class ClaimHash
{
    /// <summary>The start of each hash. Plain values that start with it cannot be claimed.</summary>
    public const string Prefix = "$h1:";

    private const string AfterHashes = "$h1:~"; // Greater than each hash, and less than most other values.
    private const int HashCharacters = 22;
    private const string LastCharacters = "AQgw"; // The last character of 16 bytes has two bits.
    private const int PageClaims = 1_000;

    /// <summary>Returns the stored value of a claim.</summary>
    public static string Of(DataKey key, string scope, string value) =>
        Prefix + BlindHash.Of(key, scope, FieldKind.Text, value);

    /// <summary>Returns whether a value has the form of a hash of earlier builds, which had no prefix.</summary>
    public static bool IsEarlierHash(string stored) =>
        stored.Length == HashCharacters && Base64Url.IsValid(stored) && LastCharacters.Contains(stored[^1]);

    /// <summary>Returns the stored value of a hash of earlier builds.</summary>
    public static string OfEarlierHash(string stored) => Prefix + stored;

    public static bool HasPrefix(string value) => value.StartsWith(Prefix, StringComparison.Ordinal);

    public static bool IsHash(string stored) =>
        stored.Length == Prefix.Length + HashCharacters
        && HasPrefix(stored)
        && Base64Url.IsValid(stored.AsSpan(Prefix.Length));

    /// <summary>
    /// Returns whether a scope has plain values; null if the storage cannot list claims. Claims are in the order of
    /// their values, so two of them answer the question.
    /// </summary>
    public static async ValueTask<bool?> HasPlain(
        ILogStorage log, string storedScope, CancellationToken cancellationToken) =>
        await log.ListClaims(storedScope, null, 1, cancellationToken).ConfigureAwait(false) is not { } first ? null
        : first.Any(static claim => !IsHash(claim.Value))
        || await log.ListClaims(storedScope, AfterHashes, 1, cancellationToken).ConfigureAwait(false)
            is { Count: > 0 };

    /// <summary>Returns the number of plain values of a scope.</summary>
    public static async ValueTask<long> CountPlain(
        ILogStorage log, string storedScope, CancellationToken cancellationToken)
    {
        var (count, after) = (0L, (string?)null);
        while (await log.ListClaims(storedScope, after, PageClaims, cancellationToken).ConfigureAwait(false)
            is { Count: > 0 } page)
        {
            count += page.Count(static claim => !IsHash(claim.Value));
            after = page[^1].Value;
        }
        return count;
    }
}
