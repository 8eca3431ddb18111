using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Security;

/// <summary>Runs the authorizers of a service scope.</summary>
internal static class AccessCheck
{
    /// <exception cref="AccessDeniedException">An authorizer denies the request.</exception>
    public static ValueTask Demand(
        IServiceProvider services,
        string name,
        object message,
        ClaimsPrincipal? user,
        CancellationToken cancellationToken
    ) => Demand(
        services.GetServices<IAuthorizer>(),
        name,
        message,
        user ?? services.GetService<RequestUserFinder>()?.Find(services),
        cancellationToken);

    /// <inheritdoc cref="Demand(IServiceProvider, string, object, ClaimsPrincipal, CancellationToken)"/>
    public static async ValueTask Demand(
        IEnumerable<IAuthorizer> authorizers,
        string name,
        object message,
        ClaimsPrincipal? user,
        CancellationToken cancellationToken)
    {
        var request = new AccessRequest(name, message, user);
        foreach (var authorizer in authorizers)
        {
            var decision = await authorizer.Decide(request, cancellationToken).ConfigureAwait(false);
            if (!decision.IsAllowed)
                throw new AccessDeniedException(
                    name, decision.Reason ?? "no reason was given", request.IsAuthenticated)
                {
                    Permission = decision.Permission,
                };
        }
    }
}
