using Microsoft.AspNetCore.Http;
using Millrace.AspNetCore.Access;

namespace Millrace.AspNetCore.Tenancy;

/// <summary>Selects the tenant that a request names.</summary>
internal sealed class TenantSelection(RequestDelegate next, Tenants tenants, TenantSelectionOptions options)
{
    public async Task Handle(HttpContext http)
    {
        IAsyncDisposable? stay = null;
        try
        {
            if (Named(http) is { } tenant)
                stay = await Enter(http, tenant).ConfigureAwait(false);
            else if (options.IsRequired)
                throw new NoTenantException();
        }
        catch (Exception exception) when (HttpProblem.Of(exception) is { } problem)
        {
            await ProblemWriter.Write(http, problem, exception).ConfigureAwait(false);
            return;
        }
        try
        {
            await next(http).ConfigureAwait(false);
        }
        finally
        {
            if (stay is not null)
                await stay.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Enters a tenant, if access control allows it.</summary>
    private async Task<IAsyncDisposable> Enter(HttpContext http, TenantId tenant)
    {
        IAsyncDisposable use;
        try
        {
            use = await tenants.Enter(tenant, http.RequestServices, http.RequestAborted).ConfigureAwait(false);
        }
        catch (TenantNotFoundException) when (EndpointAccess.IsOn(http.RequestServices))
        {
            // The response does not show which tenants exist.
            throw EndpointAccess.Denied(http, AccessPermission.Enter(tenant.ToString()));
        }
        try
        {
            await EndpointAccess.Demand(http, AccessPermission.Enter(tenant.ToString())).ConfigureAwait(false);
            return use;
        }
        catch
        {
            await use.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Returns the tenant that the request names, or null if it names no tenant. If the request names a tenant in
    /// several ways, the names must be equal.
    /// </summary>
    private TenantId? Named(HttpContext http)
    {
        string? named = null;
        foreach (var source in options.Sources)
        {
            if (source(http) is not { Length: > 0 } name)
                continue;
            if (named is not null && !string.Equals(named, name, StringComparison.Ordinal))
                throw new AccessDeniedException(
                    name, "the request names another tenant as well", isAuthenticated: true);
            named = name;
        }
        return named is null ? null : new TenantId(named);
    }
}
