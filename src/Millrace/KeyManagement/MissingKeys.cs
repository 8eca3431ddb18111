using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.KeyManagement;

/// <summary>
/// Finds the keys of values in a log that the key store does not contain, and that no erasure destroyed.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="keys">The keys.</param>
internal sealed class MissingKeys(EventStore store, KeyRing keys)
{
    /// <summary>
    /// Returns the rule for the tenants of events. A tool does not know the tenant of a separate store.
    /// </summary>
    public async ValueTask<ProtectionScope> FindScope(CancellationToken cancellationToken) =>
        store.Stored.Protection is { Keys: not null, Scope: var known }
            ? known
            : new ProtectionScope(
                "", await TenantCollection.IsIn(store.Stored.Storage, cancellationToken).ConfigureAwait(false));

    /// <summary>Returns the missing keys, in the order of their first positions.</summary>
    /// <param name="uses">The keys of the values in the log.</param>
    /// <param name="scope">The rule by which the uses were read.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<IReadOnlyList<MissingKey>> Find(
        KeyUses uses, ProtectionScope scope, CancellationToken cancellationToken)
    {
        var missing = new Dictionary<string, LogKeyUse>(uses.ByKey, StringComparer.Ordinal);
        string? tenant = null;
        await foreach (var record in keys.FindRecords(uses.ByKey.Keys, cancellationToken).ConfigureAwait(false))
        {
            missing.Remove(record.Id);
            tenant ??= record.Owner.Tenant;
        }
        if (missing.Count == 0)
            return [];
        if (store.Stored.Protection?.Keys is null && !scope.HasTenantPrefixes)
            scope = scope with { Tenant = tenant ?? "" }; // All keys of a separate store have the same tenant.
        await RemoveErased(missing, scope, cancellationToken).ConfigureAwait(false);
        var (declared, _) = await LostKeys.Read(store.Stored.Storage.Log, 0, cancellationToken).ConfigureAwait(false);
        var lost = declared.Select(static key => key.KeyId).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. missing
                .OrderBy(static use => use.Value.First)
                .Select(use => new MissingKey(
                    use.Key, use.Value.First, use.Value.Events, lost.Contains(use.Key))),
        ];
    }

    /// <summary>Removes the keys that erasures of the same tenant destroyed.</summary>
    private async ValueTask RemoveErased(
        Dictionary<string, LogKeyUse> missing, ProtectionScope scope, CancellationToken cancellationToken)
    {
        var reader = new ErasedKeyReader(store.Stored.Storage.Log, keys, scope, NullLogger.Instance);
        await foreach (var erased in reader.ReadAll(cancellationToken).ConfigureAwait(false))
        {
            foreach (var id in erased.KeyIds)
            {
                if (missing.TryGetValue(id, out var use)
                    && (scope.HasTenantPrefixes ? use.Tenant : scope.Tenant) == erased.Tenant)
                    missing.Remove(id);
            }
        }
    }
}
