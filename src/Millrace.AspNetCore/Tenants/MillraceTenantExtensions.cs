using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Selects the tenant of HTTP requests.</summary>
public static class MillraceTenantExtensions
{
    /// <summary>
    /// Selects the tenant that each request names, so that the services of the store are that tenant's. Add it after
    /// authentication and before anything that uses the store. An invalid name results in 400, an unknown tenant in
    /// 404, a tenant that is not the user's in 403.
    /// </summary>
    /// <param name="app">The application, whose store uses <see cref="MillraceBuilder.WithTenants"/>.</param>
    /// <param name="configure">Sets where requests name their tenant.</param>
    /// <exception cref="ArgumentException">The options name no place.</exception>
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
