using System.Net;
using System.Text.Encodings.Web;
using Commerce.Access;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Commerce.Operating;

/// <summary>
/// Authenticates a user by the cookie of the demonstration, for requests from this machine. This is sufficient only for
/// a shop that listens on 127.0.0.1.
/// </summary>
/// <remarks>
/// A page of another site, open in the same browser, also runs on this machine. Therefore, the host of a request must
/// be this machine, and not another name that resolves to it. The browser headers must not show that the page of
/// another site sent the request. A request that a proxy forwarded comes from another machine, whatever its address.
/// </remarks>
public sealed class LocalUser(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    DemoSignIn signIn) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The name of the scheme, and of operators.</summary>
    public const string Name = "local operator";

    /// <summary>The prefix of the operator routes.</summary>
    public const string Routes = "/millrace";

    private static readonly string[] OwnHosts = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] OwnSites = ["same-origin", "none"];

    /// <summary>Returns the reason why a request does not come from a user of this machine; null if it does.</summary>
    public static string? FindRefusal(HttpContext http)
    {
        var request = http.Request;
        if (http.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address))
            return "The caller is not at this machine.";
        if (request.Headers.Keys.Any(IsOfProxy))
            return "A proxy forwarded it.";
        if (!OwnHosts.Contains(request.Host.Host, StringComparer.OrdinalIgnoreCase))
            return $"The request names another host: {request.Host.Host}.";
        if (request.Headers["Sec-Fetch-Site"].FirstOrDefault() is { } site
            && !OwnSites.Contains(site, StringComparer.Ordinal))
            return "Another site's page sent it.";
        return request.Headers.Origin.FirstOrDefault() is { } origin && origin != $"{request.Scheme}://{request.Host}"
            ? $"A page of {origin} sent it."
            : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!signIn.IsAllowed)
            return AuthenticateResult.NoResult();
        var found = await Context.AuthenticateAsync(DemoSession.Scheme);
        return found.Succeeded && FindRefusal(Context) is { } reason ? AuthenticateResult.Fail(reason) : found;
    }

    private static bool IsOfProxy(string header) =>
        header.Equals("Forwarded", StringComparison.OrdinalIgnoreCase)
        || header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase);
}
