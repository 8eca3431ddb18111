namespace Millrace;

/// <summary>A tenant is not known.</summary>
public sealed class TenantNotFoundException(TenantId tenant)
    : MillraceException(
        $"There is no tenant '{tenant}'. Make it with Tenants.Create, or set TenantOptions.CreatesOnDemand to make "
            + $"tenants when they are "
        + "first entered.")
{
    /// <summary>The tenant.</summary>
    public TenantId Tenant { get; } = tenant;
}

/// <summary>Something of the store was asked for where nobody has said of which tenant.</summary>
public sealed class NoTenantException()
    : MillraceException(
        "This application keeps its events by tenant, and nobody has said which one this is. In a request, have "
            + "UseMillraceTenants say it "
            + "before what needs the store; elsewhere, enter the tenant with Tenants.Enter and take the services of "
            + "what it returns."
    );

/// <summary>A tenant cannot be entered now, because as many as may be open are in use.</summary>
public sealed class TenantsBusyException(int open, TimeSpan waited)
    : MillraceException(
        $"{open:N0} tenants are in use, which is as many as may be open at the same time, and none was left within "
        + $"{waited.TotalSeconds:0.#} seconds. Try again later, or raise TenantOptions.MaxOpen.")
{
    /// <summary>How many are open.</summary>
    public int Open { get; } = open;

    /// <summary>How long this was waited for.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
