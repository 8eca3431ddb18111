using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Millrace.AspNetCore;

/// <summary>Reads the end of a path that a route catches, such as the name of a stream, as it was sent.</summary>
/// <remarks>
/// A server unescapes a path before it is routed, all but <c>%2F</c>, because a slash parts a path. So a name with a slash and a name with
/// those three characters look alike in what a route catches, and only the target of the request tells them apart.
/// </remarks>
internal static class RoutePart
{
    private const string Slash = "%2F";

    /// <summary>The end of the path; null when the route caught nothing.</summary>
    public static string? Caught(HttpContext http, string part)
    {
        if (http.Request.RouteValues[part] is not string { Length: > 0 } caught)
            return null;
        if (!caught.Contains(Slash, StringComparison.OrdinalIgnoreCase))
            return caught;
        return TryReadTarget(http, caught, out var sent) ? sent : caught.Replace(Slash, "/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Finds what was caught at the end of the target; false where something before the route has rewritten the path.</summary>
    private static bool TryReadTarget(HttpContext http, string caught, [NotNullWhen(true)] out string? sent)
    {
        sent = null;
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.Split('?', 2)[0].Split('/');
        var parts = caught.Split('/');
        if (path.Length <= parts.Length)
            return false;
        var end = path[^parts.Length..];
        for (var i = 0; i < end.Length; i++)
        {
            // As the server does it, to be sure that they are the same.
            if (Uri.UnescapeDataString(end[i].Replace(Slash, "%252F", StringComparison.OrdinalIgnoreCase)) is var unescaped
                && !unescaped.Equals(parts[i], StringComparison.OrdinalIgnoreCase))
            {
                return false;
            }
        }
        sent = string.Join('/', end.Select(Uri.UnescapeDataString));
        return true;
    }
}
