using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Replaces the values of claims by keyed hashes in the scopes that the model protects. Thread-safe.</summary>
/// <param name="protection">The encryption.</param>
/// <param name="stored">The log as it is stored.</param>
internal sealed class BlindClaims(StoreProtection protection, ILogStorage stored)
{
    /// <summary>Returns the claims as they are stored, or the same list.</summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<IReadOnlyList<Claim>> ToStored(
        IReadOnlyList<Claim> claims, CancellationToken cancellationToken)
    {
        Claim[]? hashed = null;
        for (var i = 0; i < claims.Count; i++)
        {
            var claim = claims[i];
            var value = await ToStored(claim.Scope, claim.Value, cancellationToken).ConfigureAwait(false);
            if (ReferenceEquals(value, claim.Value))
                continue;
            (hashed ??= [.. claims])[i] = claim.IsRelease
                ? Claim.Release(claim.Scope, value, claim.Owner)
                : Claim.Acquire(claim.Scope, value, claim.Owner);
        }
        return hashed ?? claims;
    }

    /// <summary>Returns the stored value of a claim.</summary>
    /// <param name="storedScope">The stored name of the scope.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<string> ToStored(string storedScope, string value, CancellationToken cancellationToken)
    {
        if (protection.Keys is null || protection.Model.Claims.Count == 0)
            return value;
        var (tenant, scope) = protection.Scope.Split(storedScope);
        if (!protection.Model.Claims.ContainsKey(scope))
            return value;
        var key = await KeyOf(storedScope, new KeyOwner(tenant, "", IndexKey.ClaimPrefix + scope), cancellationToken)
            .ConfigureAwait(false);
        return ClaimHash.Of(key, scope, value);
    }

    /// <summary>Returns the data key of a scope. Creates it for a scope without claims.</summary>
    /// <exception cref="KeyStoreException">The key is missing, but the scope has claims.</exception>
    private async ValueTask<DataKey> KeyOf(string storedScope, KeyOwner owner, CancellationToken cancellationToken)
    {
        var keys = protection.Keys!; // The caller has checked it.
        if (keys.FindCurrent(owner) is { } known)
            return known;
        // Another node may create the key and claim the first value in between, so the key is searched again.
        if (!await IndexKey.IsStored(keys, owner, cancellationToken).ConfigureAwait(false)
            && await stored.ListClaims(storedScope, null, 1, cancellationToken).ConfigureAwait(false) is { Count: > 0 }
            && !await IndexKey.IsStored(keys, owner, cancellationToken).ConfigureAwait(false))
            throw new KeyStoreException(
                $"The scope '{storedScope}' has claims, and {keys.Description} does not contain the key of their "
                    + "hashes. If the key was lost, restore the newest backup of the key store. If the values were "
                    + "claimed before the scope was protected, replace them: millrace keys protect-claims",
                StorageProblem.Damaged);
        return await keys.GetCurrent(owner, cancellationToken).ConfigureAwait(false);
    }
}
