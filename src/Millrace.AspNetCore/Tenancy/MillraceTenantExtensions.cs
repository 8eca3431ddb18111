using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Tenancy;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Selects the tenant of HTTP requests.</summary>
public static class MillraceTenantExtensions
{
    /// <summary>
    /// Selects the tenant that each request names, so that the request uses the store of this tenant. Add this
    /// middleware after authentication and before all middleware that uses the store. The response is 400 for an
    /// invalid name, 404 for an unknown tenant, and 403 for a tenant to which the user does not belong.
    /// </summary>
    /// <param name="app">The application, whose store uses <see cref="MillraceBuilder.WithTenants"/>.</param>
    /// <param name="configure">Sets where requests name their tenant.</param>
    /// <exception cref="ArgumentException">The options do not specify where requests name their tenant.</exception>
    public static IApplicationBuilder UseMillraceTenants(
        this IApplicationBuilder app, Action<TenantSelectionOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new TenantSelectionOptions();
        configure(options);
        if (options.Sources.Count == 0)
        {
            throw new ArgumentException(
                "UseMillraceTenants: set where requests name their tenant, for example with FromHeader, FromClaim, "
                    + "FromSubdomain or FromRoute.",
                nameof(configure));
        }
        var tenants = app.ApplicationServices.GetRequiredService<Tenants>();
        return app.Use(next => new TenantSelection(next, tenants, options).Handle);
    }
}
