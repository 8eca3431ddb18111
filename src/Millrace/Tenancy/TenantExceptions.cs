namespace Millrace;

/// <summary>Thrown when a tenant does not exist.</summary>
public sealed class TenantNotFoundException(TenantId tenant)
    : MillraceException(
        $"There is no tenant '{tenant}'. Create it with Tenants.Create, or set TenantOptions.CreatesOnDemand to "
            + "create tenants when they are first entered.")
{
    /// <summary>Gets the tenant.</summary>
    public TenantId Tenant { get; } = tenant;
}

/// <summary>Thrown when a service of the store is resolved in a scope without a tenant.</summary>
public sealed class NoTenantException()
    : MillraceException(
        "This application separates events by tenant, and the current scope has no tenant. In a request, call "
            + "UseMillraceTenants before the middleware that needs the store. Elsewhere, enter the tenant with "
            + "Tenants.Enter and use the services of the scope that it returns."
    );

/// <summary>Thrown when a tenant cannot be entered because the maximum number of open tenants is in use.</summary>
public sealed class TenantsBusyException(int open, TimeSpan waited)
    : MillraceException(
        $"{open:N0} tenants are in use, which is the maximum, and none became free within "
            + $"{waited.TotalSeconds:0.#} seconds. Try again later, or raise TenantOptions.MaxOpen.")
{
    /// <summary>Gets the number of open tenants.</summary>
    public int Open { get; } = open;

    /// <summary>Gets the time that the caller waited.</summary>
    public TimeSpan Waited { get; } = waited;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}

/// <summary>
/// Thrown when a tenant is being moved to another shard and cannot be used for a short time, or when a scope was opened
/// before the tenant moved. Leave the scope, enter the tenant again and repeat the operation.
/// </summary>
public sealed class TenantMovingException(TenantId tenant)
    : MillraceException(
        $"The tenant '{tenant}' is moving to another shard. Leave the scope, enter the tenant again and repeat the "
            + "operation.")
{
    /// <summary>Gets the tenant.</summary>
    public TenantId Tenant { get; } = tenant;

    /// <inheritdoc/>
    public override bool IsTransient => true;
}
