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
        var permission = AccessPermission.Enter(tenant.ToString());
        var isOn = EndpointAccess.IsOn(http.RequestServices);
        var isDeclared = isOn && AccessControl.IsDeclared(http.RequestServices, http.User, permission);
        if (isOn && !isDeclared && !http.User.Identities.Any(identity => identity.IsAuthenticated))
            throw EndpointAccess.Denied(http, permission); // Callers without a name do not open tenants.
        IAsyncDisposable use;
        try
        {
            use = await tenants.Enter(tenant, http.RequestServices, http.RequestAborted).ConfigureAwait(false);
        }
        catch (MillraceException exception)
            when (isOn && (!isDeclared || exception is TenantNotFoundException))
        {
            // The response does not show which tenants exist, nor their state.
            throw EndpointAccess.Denied(http, permission);
        }
        try
        {
            await EndpointAccess.Demand(http, permission).ConfigureAwait(false);
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
