namespace Millrace;

/// <summary>Which tenant a scope of the services belongs to. The store's services of the scope are that
/// tenant's.</summary>
public sealed class CurrentTenant
{
    private volatile OpenTenant? _open;

    /// <summary>Whether it is known.</summary>
    public bool IsKnown => _open is not null;

    /// <summary>The tenant.</summary>
    /// <exception cref="NoTenantException">Nobody has said it.</exception>
    public TenantId Id => Open.Tenant;

    /// <summary>What runs for the tenant.</summary>
    internal ITenantRuntime Runtime => Open.Runtime;

    private OpenTenant Open => _open ?? throw new NoTenantException();

    /// <summary>Says it of another scope as well.</summary>
    internal void Share(CurrentTenant other) => other.Set(Open);

    /// <summary>Says it, once.</summary>
    internal void Set(OpenTenant open)
    {
        if (Interlocked.CompareExchange(ref _open, open, null) is { } before)
        {
            throw new InvalidOperationException(
                $"This scope belongs to the tenant '{before.Tenant}' already: enter '{open.Tenant}' in a scope of its "
                    + $"own."
            );
        }
    }
}
