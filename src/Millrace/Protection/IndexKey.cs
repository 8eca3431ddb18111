namespace Millrace.Protection;

/// <summary>
/// The data keys of indexes and of claims. They have no data subject, because the hashes of all subjects must be
/// comparable.
/// </summary>
internal static class IndexKey
{
    /// <summary>The start of the kind of a key of an index; the name of the collection follows.</summary>
    public const string Prefix = "index:";

    /// <summary>The start of the kind of a key of claims; the scope follows.</summary>
    public const string ClaimPrefix = "claims:";

    private const int PageKeys = 1_000;

    /// <summary>Returns whether a key must not be replaced, because its hashes would not be found any more.</summary>
    public static bool IsOwner(KeyOwner owner) =>
        owner.Subject.Length == 0
        && (owner.Kind.StartsWith(Prefix, StringComparison.Ordinal)
            || owner.Kind.StartsWith(ClaimPrefix, StringComparison.Ordinal));

    /// <summary>Returns whether the key store contains the key.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<bool> IsStored(
        KeyRing keys, KeyOwner owner, CancellationToken cancellationToken) =>
        await Find(keys, owner, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>Returns the record of the key; null if the key store does not contain it.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public static async ValueTask<KeyRecord?> Find(
        KeyRing keys, KeyOwner owner, CancellationToken cancellationToken)
    {
        var query = new KeyQuery { Tenant = owner.Tenant, Subject = owner.Subject, Limit = PageKeys };
        await foreach (var record in keys.ReadRecords(query, cancellationToken).ConfigureAwait(false))
        {
            if (record.Owner == owner)
                return record;
        }
        return null;
    }
}
