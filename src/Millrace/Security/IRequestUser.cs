using System.Security.Claims;

namespace Millrace;

/// <summary>
/// The user of the request to which a service scope belongs. Access control uses this user for commands and queries
/// that are sent from the scope without a user. <c>AddMillraceAuthorization</c> registers it for HTTP requests.
/// </summary>
public interface IRequestUser
{
    /// <summary>
    /// The key of a second, singleton implementation. It finds the user of the request in whose execution context code
    /// runs, for singletons and for scopes that were created during the request.
    /// </summary>
    const string InContext = "millrace.request-in-context";

    /// <summary>
    /// The key of a third, singleton implementation. It finds the user of a request on another node, if this node
    /// handles a command of that request.
    /// </summary>
    const string Routed = "millrace.routed-request";

    /// <summary>
    /// Gets the user; an empty principal if the caller is not signed in, or null if the scope does not belong to a
    /// request.
    /// </summary>
    ClaimsPrincipal? Current { get; }
}
