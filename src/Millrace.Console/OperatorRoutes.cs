using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore;

namespace Millrace.WebConsole;

/// <summary>
/// The routes for operators of the application, which may be mapped before or after the console. The page requires
/// their authorization policy, so that a browser is sent to the sign-in of the application.
/// </summary>
/// <param name="Path">The path of the routes as the browser sees it.</param>
/// <param name="Endpoint">The first of the routes.</param>
internal sealed record OperatorRoutes(string Path, RouteEndpoint Endpoint)
{
    /// <summary>Returns the routes of the application; null if it has none.</summary>
    public static OperatorRoutes? Find(HttpContext http)
    {
        var endpoints = http.RequestServices.GetRequiredService<EndpointDataSource>().Endpoints;
        foreach (var endpoint in endpoints.OfType<RouteEndpoint>())
        {
            if (endpoint.Metadata.GetMetadata<OperatorRouteMetadata>() is not { } routes
                || endpoint.RoutePattern.RawText is not { } pattern
                || !pattern.EndsWith(routes.Prefix, StringComparison.Ordinal))
                continue;
            return new OperatorRoutes($"{http.Request.PathBase}/{pattern.Trim('/')}", endpoint);
        }
        return null;
    }

    /// <summary>
    /// Returns whether the user of the request satisfies the policies of the routes. Otherwise, the response is the
    /// challenge or the refusal of the application's authentication.
    /// </summary>
    public async Task<bool> Admit(HttpContext http)
    {
        var data = Endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>();
        if (data.Count == 0)
            return true;
        var provider = http.RequestServices.GetRequiredService<IAuthorizationPolicyProvider>();
        if (await AuthorizationPolicy.CombineAsync(provider, data).ConfigureAwait(false) is not { } policy)
            return true;
        var evaluator = http.RequestServices.GetRequiredService<IPolicyEvaluator>();
        var user = await evaluator.AuthenticateAsync(policy, http).ConfigureAwait(false);
        var result = await evaluator.AuthorizeAsync(policy, user, http, http).ConfigureAwait(false);
        if (result.Succeeded)
            return true;
        if (result.Challenged)
            await Refuse(policy, http.ChallengeAsync, http.ChallengeAsync).ConfigureAwait(false);
        else
            await Refuse(policy, http.ForbidAsync, http.ForbidAsync).ConfigureAwait(false);
        return false;
    }

    private static async Task Refuse(AuthorizationPolicy policy, Func<Task> byDefault, Func<string, Task> by)
    {
        if (policy.AuthenticationSchemes.Count == 0)
            await byDefault().ConfigureAwait(false);
        foreach (var scheme in policy.AuthenticationSchemes)
            await by(scheme).ConfigureAwait(false);
    }
}
