using System.Buffers.Text;
using System.Runtime.CompilerServices;
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

    /// <summary>
    /// Returns whether a value has only digits, or letters of one case, before its last character. Hashes are mixed.
    /// </summary>
    public static bool HasOneKindOfCharacters(string value)
    {
        var text = value.AsSpan(0, value.Length - 1);
        var hasDigits = text.ContainsAnyInRange('0', '9');
        return !text.ContainsAnyExceptInRange('0', '9')
            || (!hasDigits && !text.ContainsAnyInRange('A', 'Z'))
            || (!hasDigits && !text.ContainsAnyInRange('a', 'z'));
    }

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

    /// <summary>Returns whether a scope has values that start as a hash.</summary>
    public static async ValueTask<bool> HasPrefixed(
        ILogStorage log, string storedScope, CancellationToken cancellationToken) =>
        await log.ListClaims(storedScope, Prefix, 1, cancellationToken).ConfigureAwait(false) is [var next]
        && HasPrefix(next.Value);

    /// <summary>Reads the claims of a scope whose values have the form of a hash.</summary>
    public static IAsyncEnumerable<StoredClaim> ReadHashes(
        ILogStorage log, string storedScope, CancellationToken cancellationToken) =>
        Read(log, storedScope, Prefix, cancellationToken)
            .TakeWhile(static claim => HasPrefix(claim.Value))
            .Where(static claim => IsHash(claim.Value));

    /// <summary>Reads the claims of a scope in the order of their values.</summary>
    public static IAsyncEnumerable<StoredClaim> Read(
        ILogStorage log, string storedScope, CancellationToken cancellationToken) =>
        Read(log, storedScope, null, cancellationToken);

    private static async IAsyncEnumerable<StoredClaim> Read(
        ILogStorage log,
        string storedScope,
        string? after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await log.ListClaims(storedScope, after, PageClaims, cancellationToken).ConfigureAwait(false)
            is { Count: > 0 } page)
        {
            foreach (var claim in page)
                yield return claim;
            after = page[^1].Value;
        }
    }
}
