using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Refuses to start with plain values in the scopes of claims that a model protects. A plain value and the hash of the
/// same value could otherwise have two owners.
/// </summary>
internal static class ClaimStartupCheck
{
    /// <exception cref="KeyStoreException">A scope has plain values, or the storage cannot list them.</exception>
    public static async ValueTask Run(
        ILogStorage log, StoreProtection protection, CancellationToken cancellationToken)
    {
        foreach (var scope in protection.Model.Claims.Keys)
        {
            var hasPlain = await ClaimHash.HasPlain(log, scope, cancellationToken).ConfigureAwait(false);
            if (hasPlain is null)
                throw new KeyStoreException(
                    $"The storage cannot list the claims of the scope '{scope}', which the model protects with "
                        + "ProtectClaims. Use a storage that implements "
                        + $"{nameof(ILogStorage)}.{nameof(ILogStorage.ListClaims)}.",
                    StorageProblem.Other);
            if (hasPlain == true)
                throw PlainValues(
                    scope,
                    await ClaimHash
                        .Read(log, scope, cancellationToken)
                        .LongCountAsync(static claim => !ClaimHash.IsHash(claim.Value), cancellationToken)
                        .ConfigureAwait(false),
                    protection.Scope.Tenant);
        }
    }

    /// <summary>
    /// Refuses plain values that start as a hash, before the scope is declared. Afterwards, they cannot be
    /// distinguished from hashes.
    /// </summary>
    /// <exception cref="KeyStoreException">A scope has such values.</exception>
    public static async ValueTask RefuseValuesLikeHashes(
        ILogStorage log, StoreProtection protection, string[]? declared, CancellationToken cancellationToken)
    {
        foreach (var scope in protection.Model.Claims.Keys.Except(declared ?? []))
        {
            if (await ClaimHash.HasPrefixed(log, scope, cancellationToken).ConfigureAwait(false))
                throw PlainValues(
                    scope,
                    await ClaimHash
                        .Read(log, scope, cancellationToken)
                        .LongCountAsync(cancellationToken)
                        .ConfigureAwait(false),
                    protection.Scope.Tenant);
        }
    }

    private static KeyStoreException PlainValues(string scope, long count, string tenant) =>
        new(
            $"The model protects the claims of the scope '{scope}'"
                + (tenant.Length == 0 ? "" : $" of the tenant '{tenant}'")
                + $", but {count} of them have plain values. Stop all "
                + "programs that claim values of the scope, and replace the plain values by hashes: millrace keys "
                + $"protect-claims {scope}"
                + (tenant.Length == 0 ? "" : $" --tenant {tenant}")
                + ". Hashes of earlier builds remain valid.",
            StorageProblem.Other);
}
