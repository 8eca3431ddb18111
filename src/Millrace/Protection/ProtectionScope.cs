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

    /// <summary>Returns the tenant of a prefix, which contains the number of the last move after a dot.</summary>
    private static string TenantOf(string prefix) =>
        prefix.IndexOf(MoveMark, StringComparison.Ordinal) is > 0 and var dot ? prefix[..dot] : prefix;

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
