using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Millrace.AspNetCore;

/// <summary>Where a request says which tenant it is for. Name at least one place; where several say it, they must say
/// the same.</summary>
/// <remarks>
/// A header, a route or a host is what a client chooses, and no proof that it may. Name the claim as well by which the
/// user belongs to a tenant: a request that says another is then refused.
/// </remarks>
public sealed class TenantSelectionOptions
{
    private readonly List<Func<HttpContext, string?>> _sources = [];

    /// <summary>Whether a request that names no tenant is refused with 400; false by default: then only what needs the
    /// store is.</summary>
    public bool IsRequired { get; set; }

    internal IReadOnlyList<Func<HttpContext, string?>> Sources => _sources;

    /// <summary>Takes the tenant from a header.</summary>
    public TenantSelectionOptions FromHeader(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return From(http => http.Request.Headers[name] is { Count: > 0 } values ? values.ToString() : null);
    }

    /// <summary>Takes the tenant from a claim of the user, who is authenticated before.</summary>
    public TenantSelectionOptions FromClaim(string type)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(type);
        return From(http => http.User.Identity?.IsAuthenticated == true ? http.User.FindFirst(type)?.Value : null);
    }

    /// <summary>Takes the tenant from the host: <c>acme</c> of <c>acme.example.com</c>.</summary>
    /// <param name="domain">What follows the tenant: <c>example.com</c>.</param>
    public TenantSelectionOptions FromSubdomain(string domain)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(domain);
        var suffix = "." + domain.TrimStart('.');
        return From(http =>
            http.Request.Host.Host is { } host && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                ? host[..^suffix.Length].ToLowerInvariant()
                : null);
    }

    /// <summary>Takes the tenant from the route: <c>tenant</c> of <c>/{tenant}/orders</c>.</summary>
    /// <param name="parameter">The parameter of the route.</param>
    public TenantSelectionOptions FromRoute(string parameter)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(parameter);
        return From(http => http.GetRouteValue(parameter) as string);
    }

    /// <summary>Takes the tenant from somewhere else; null says none.</summary>
    public TenantSelectionOptions From(Func<HttpContext, string?> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _sources.Add(source);
        return this;
    }
}
