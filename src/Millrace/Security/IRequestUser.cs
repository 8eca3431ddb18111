using System.Security.Claims;

namespace Millrace;

/// <summary>
/// The user of the request to which a service scope belongs. Access control uses this user for commands and queries
/// that are sent from the scope without a user. <c>AddMillraceAuthorization</c> registers it for HTTP requests.
/// </summary>
public interface IRequestUser
{
    /// <summary>
    /// Gets the user; an empty principal if the caller is not signed in, or null if the scope does not belong to a
    /// request.
    /// </summary>
    ClaimsPrincipal? Current { get; }
}
