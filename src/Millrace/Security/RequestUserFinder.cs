using System.Security.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Security;

/// <summary>Finds the user of a service scope. A scope without a request acts for the system.</summary>
/// <param name="root">The services of the application. They belong to no request, and a container with scope validation
/// refuses to resolve scoped services from them.</param>
internal sealed class RequestUserFinder(IServiceProvider root)
{
    public ClaimsPrincipal? Find(IServiceProvider services) =>
        ReferenceEquals(services, root) ? null : services.GetService<IRequestUser>()?.Current;
}
