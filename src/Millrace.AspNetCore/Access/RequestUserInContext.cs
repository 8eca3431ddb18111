using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Access;

/// <summary>
/// The user of the HTTP request in whose execution context code runs, such as a hub, a singleton or a child scope. A
/// request without a user is anonymous.
/// </summary>
internal sealed class RequestUserInContext(IHttpContextAccessor accessor) : IRequestUser
{
    public ClaimsPrincipal? Current => accessor.HttpContext?.User;
}
