using Millrace.Tenancy;

namespace Millrace;

/// <summary>The tenant of a service scope. The store's services in the scope belong to this tenant.</summary>
public sealed class CurrentTenant
{
    private volatile OpenTenant? _openTenant;

    /// <summary>Gets whether the tenant is known.</summary>
    public bool IsKnown => _openTenant is not null;

    /// <summary>Gets the tenant.</summary>
    /// <exception cref="NoTenantException">The scope has no tenant.</exception>
    public TenantId Id => Open.Tenant;

    /// <summary>The services that run for the tenant.</summary>
    internal ITenantRuntime Runtime => Open.Runtime;

    private OpenTenant Open => _openTenant ?? throw new NoTenantException();

    /// <summary>Assigns the tenant of this scope to another scope.</summary>
    internal void Share(CurrentTenant other) => other.Set(Open);

    /// <summary>Assigns a tenant to this scope. A scope can belong to only one tenant.</summary>
    internal void Set(OpenTenant open)
    {
        if (Interlocked.CompareExchange(ref _openTenant, open, null) is { } current)
        {
            throw new InvalidOperationException(
                $"This scope already belongs to the tenant '{current.Tenant}'. Enter '{open.Tenant}' in its own scope."
            );
        }
    }
}
