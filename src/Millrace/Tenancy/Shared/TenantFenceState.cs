using Millrace.Events;

namespace Millrace.Tenancy.Shared;

/// <summary>The state of the fence of a tenant, which is the last event of the stream of the fence.</summary>
/// <param name="Kind">The stored name of the event; null if the tenant was never fenced.</param>
/// <param name="Version">The version of the stream; 0 if it does not exist.</param>
internal readonly record struct TenantFenceState(string? Kind, long Version)
{
    /// <summary>Gets whether commits of the tenant are accepted.</summary>
    public bool AcceptsCommits => Kind is null or PlatformEvents.TenantReleased or PlatformEvents.TenantDraining;

    /// <summary>Gets whether nodes may open the tenant in this shard.</summary>
    public bool CanBeOpened => Kind is null or PlatformEvents.TenantReleased;
}
