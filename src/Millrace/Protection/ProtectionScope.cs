using System.Globalization;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>The tenant of a store, or the rule by which the tenant is part of each stored name.</summary>
/// <param name="Tenant">The tenant of the whole store; empty for none.</param>
/// <param name="HasTenantPrefixes">True if stored names start with the name of a tenant and a slash.</param>
internal readonly record struct ProtectionScope(string Tenant, bool HasTenantPrefixes)
{
    private const char Separator = '/';
    private const char MoveMark = '.';

    /// <summary>Divides a stored name into the tenant and the name that the tenant uses.</summary>
    public (string Tenant, string Name) Split(string stored)
    {
        var end = HasTenantPrefixes ? stored.IndexOf(Separator, StringComparison.Ordinal) : -1;
        return end < 0 ? (Tenant, stored) : (TenantOf(stored[..end]), stored[(end + 1)..]);
    }

    /// <summary>
    /// Returns the rule for a stored name of a tenant: its names have a prefix if tenants share the store.
    /// </summary>
    public static ProtectionScope Of(string tenant, string stored)
    {
        var shared = new ProtectionScope(tenant, HasTenantPrefixes: true);
        var isShared = tenant.Length > 0
            && stored.Contains(Separator, StringComparison.Ordinal)
            && shared.Split(stored).Tenant == tenant;
        return isShared ? shared : new ProtectionScope(tenant, HasTenantPrefixes: false);
    }

    /// <summary>Returns the tenant of a prefix, which can end with a dot and the number of the last move.</summary>
    private static string TenantOf(string prefix)
    {
        var dot = prefix.LastIndexOf(MoveMark);
        return dot > 0 && dot < prefix.Length - 1 && !prefix.AsSpan(dot + 1).ContainsAnyExceptInRange('0', '9')
            ? prefix[..dot]
            : prefix;
    }

    public ProtectionContext OfEvent(string type, StreamId stream, Guid id)
    {
        var (tenant, name) = Split(stream.Value);
        return new ProtectionContext("event", tenant, type, name, id.ToString("N"));
    }

    public ProtectionContext OfDocument(string storedCollection, string key)
    {
        var (tenant, collection) = Split(storedCollection);
        return new ProtectionContext("document", tenant, collection, key, "");
    }

    public ProtectionContext OfDeadLetter(DeadLetter letter)
    {
        var (tenant, consumer) = Split(letter.Consumer);
        var position = letter.Position.ToString(CultureInfo.InvariantCulture);
        return new ProtectionContext("dead-letter", tenant, consumer, letter.Key, position);
    }
}
