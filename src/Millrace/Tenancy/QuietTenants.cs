using Millrace.Consuming;

namespace Millrace.Tenancy;

/// <summary>
/// Since when the logs of closed tenants have had no new event, as far as this node knows. Not thread-safe.
/// </summary>
internal sealed class QuietTenants
{
    private readonly Dictionary<TenantId, QuietLog> _logs = [];

    public QuietLog? Find(TenantId tenant) => _logs.GetValueOrDefault(tenant);

    /// <summary>Replaces what is known of a tenant; null forgets it.</summary>
    public void Set(TenantId tenant, QuietLog? log)
    {
        _logs.Remove(tenant);
        if (log is not null)
            _logs.Add(tenant, log);
    }

    /// <summary>Forgets all tenants that are not in a set.</summary>
    public void ForgetOthers(HashSet<TenantId> existing)
    {
        foreach (var tenant in _logs.Keys.Where(one => !existing.Contains(one)))
            _logs.Remove(tenant); // A dictionary permits removals while it is enumerated.
    }
}
