using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Millrace.AspNetCore;

/// <summary>
/// Options for the parts of a request that name its tenant. Set at least one part. If several parts name a tenant, they
/// must name the same tenant.
/// </summary>
/// <remarks>
/// The client chooses a header, a route or a host, so these are no proof of permission. Also use the claim that assigns
/// users to tenants. A request that names another tenant is then refused.
/// </remarks>
public sealed class TenantSelectionOptions
{
    private readonly List<Func<HttpContext, string?>> _sources = [];

    /// <summary>
    /// True to refuse every request without a tenant with 400. By default (false) only requests that use the store are
    /// refused.
    /// </summary>
    public bool IsRequired { get; set; }

    internal IReadOnlyList<Func<HttpContext, string?>> Sources => _sources;

    /// <summary>Reads the tenant from a header.</summary>
    public TenantSelectionOptions FromHeader(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return From(http => http.Request.Headers[name] is { Count: > 0 } values ? values.ToString() : null);
    }

    /// <summary>Reads the tenant from a claim of the authenticated user.</summary>
    public TenantSelectionOptions FromClaim(string type)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        return From(http => http.User.Identity?.IsAuthenticated == true ? http.User.FindFirst(type)?.Value : null);
    }

    /// <summary>Reads the tenant from the host: <c>acme</c> of <c>acme.example.com</c>.</summary>
    /// <param name="domain">The part after the tenant: <c>example.com</c>.</param>
    public TenantSelectionOptions FromSubdomain(string domain)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(domain);
        var suffix = "." + domain.TrimStart('.');
        return From(http =>
            http.Request.Host.Host is { } host && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                ? host[..^suffix.Length].ToLowerInvariant()
                : null);
    }

    /// <summary>Reads the tenant from the route: <c>tenant</c> of <c>/{tenant}/orders</c>.</summary>
    /// <param name="parameter">The name of the route parameter.</param>
    public TenantSelectionOptions FromRoute(string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(parameter);
        return From(http => http.GetRouteValue(parameter) as string);
    }

    /// <summary>Reads the tenant with a function that returns null if there is none.</summary>
    public TenantSelectionOptions From(Func<HttpContext, string?> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _sources.Add(source);
        return this;
    }
}
