using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Millrace.AspNetCore.Access;

/// <summary>The user of the HTTP request to which a service scope belongs.</summary>
internal sealed class RequestUser : IRequestUser
{
    /// <summary>Gets or sets the request; null if the scope does not belong to a request.</summary>
    public HttpContext? Request { get; set; }

    // Authentication sets the user after the scope was created.
    public ClaimsPrincipal? Current => Request?.User;
}
