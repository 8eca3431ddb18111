using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Commerce.Operating;

/// <summary>
/// Authenticates the user of this machine as the operator. This is sufficient only for a shop that listens on
/// 127.0.0.1.
/// </summary>
/// <remarks>
/// A page of another site, open in the same browser, also runs on this machine. Therefore, the host of a request must
/// be this machine, and not another name that resolves to it. The browser headers must not show that the page of
/// another site sent the request.
/// </remarks>
public sealed class LocalOperator(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string Name = "local operator";
    public const string Policy = "operators";
    public const string Routes = "/millrace";

    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] OwnSites = ["same-origin", "none"];

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!Request.Path.StartsWithSegments(Routes, StringComparison.Ordinal))
            // Customers are anonymous: there is no login yet.
            return Task.FromResult(AuthenticateResult.NoResult());
        if (GetRefusalReason() is { } reason)
            return Task.FromResult(AuthenticateResult.Fail(reason));
        // The full name is needed because the model has a type of the same name.
        var user = new ClaimsPrincipal(
            new ClaimsIdentity([new System.Security.Claims.Claim(ClaimTypes.Name, Name)], Scheme.Name));
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name)));
    }

    private string? GetRefusalReason()
    {
        if (Context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address))
            return "The caller is not at this machine.";
        if (!OwnHosts.Contains(Request.Host.Host, StringComparer.OrdinalIgnoreCase))
            return $"The request names another host: {Request.Host.Host}.";
        if (Request.Headers["Sec-Fetch-Site"].FirstOrDefault() is { } site
            && !OwnSites.Contains(site, StringComparer.Ordinal))
            return "Another site's page sent it.";
        return Request.Headers.Origin.FirstOrDefault() is { } origin && origin != $"{Request.Scheme}://{Request.Host}"
            ? $"A page of {origin} sent it."
            : null;
    }
}
