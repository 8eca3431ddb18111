using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Security;

/// <summary>
/// Finds the user on whose behalf code runs: the user of the service scope, or else of the request in whose execution
/// context the code runs, which may be a request on another node. Code outside of requests acts for the system.
/// </summary>
/// <param name="root">The services of the application. They belong to no request, and a container with scope validation
/// refuses to resolve scoped services from them.</param>
internal sealed class RequestUserFinder(IServiceProvider root)
{
    private readonly IRequestUser? _inContext = Find(root, IRequestUser.InContext);
    private readonly IRequestUser? _routed = Find(root, IRequestUser.Routed);

    public ClaimsPrincipal? Find(IServiceProvider services) =>
        (ReferenceEquals(services, root) ? null : services.GetService<IRequestUser>()?.Current)
        ?? _inContext?.Current
        ?? _routed?.Current;

    private static IRequestUser? Find(IServiceProvider root, string key) =>
        (root as IKeyedServiceProvider)?.GetKeyedService<IRequestUser>(key);
}
