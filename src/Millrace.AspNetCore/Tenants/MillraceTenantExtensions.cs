using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Has requests belong to tenants.</summary>
public static class MillraceTenantExtensions
{
    /// <summary>
    /// Has each request belong to the tenant that it names, so that the services of the store are that tenant's. Comes
    /// behind authentication, and before what needs the store. A name that is none is answered with 400, a tenant that
    /// there is not with 404, one that is not the user's with 403.
    /// </summary>
    /// <param name="app">The application, of whose store <see cref="MillraceBuilder.WithTenants"/> was asked.</param>
    /// <param name="configure">Says where requests name their tenant.</param>
    /// <exception cref="ArgumentException">No place was named.</exception>
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
                "UseMillraceTenants: say where requests name their tenant, as with FromHeader, FromClaim, "
                    + "FromSubdomain or FromRoute.",
                nameof(configure));
        }
        var tenants = app.ApplicationServices.GetRequiredService<Tenants>();
        return app.Use(next => new TenantSelection(next, tenants, options).Handle);
    }
}
