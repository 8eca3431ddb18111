using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Auditing;

/// <summary>Returns the place from which an HTTP request came, for the audit trail.</summary>
internal static class RequestOrigin
{
    /// <summary>
    /// Returns the origin; null if the application has no audit trail. Behind a proxy, the address is that of the
    /// client only if the application uses the middleware for forwarded headers.
    /// </summary>
    public static AuditOrigin? Of(HttpContext http)
    {
        if (http.RequestServices.GetService<IServiceProviderIsService>()?.IsService(typeof(IAuditTrail)) != true)
            return null;
        var userAgent = http.Request.Headers.UserAgent.ToString();
        return new AuditOrigin(
            http.Connection.RemoteIpAddress?.ToString(), userAgent.Length > 0 ? userAgent : null);
    }
}
