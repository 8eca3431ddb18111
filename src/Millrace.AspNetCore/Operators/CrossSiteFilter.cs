using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Millrace.AspNetCore.Operators;

/// <summary>
/// Refuses requests that a page of another site sent, because the browser adds the cookies of the user to them. The
/// browser reports the site in <c>Sec-Fetch-Site</c>, or else in <c>Origin</c>. A page cannot change these headers, and
/// programs do not send them.
/// </summary>
internal sealed class CrossSiteFilter(RequestDelegate handle, IReadOnlyList<string> trustedOrigins)
{
    private readonly string[] _trusted = [.. trustedOrigins.Select(static origin => origin.TrimEnd('/'))];

    public async Task Handle(HttpContext http)
    {
        if (IsFromOtherSite(http))
        {
            var problem = new HttpProblem(403, "cross-site", "A page of another site sent the request.");
            await ProblemWriter.Write(http, problem).ConfigureAwait(false);
            return;
        }
        await handle(http).ConfigureAwait(false);
    }

    private bool IsFromOtherSite(HttpContext http)
    {
        var headers = http.Request.Headers;
        var origin = headers.Origin.ToString();
        if (origin.Length > 0 && _trusted.Contains(origin, StringComparer.OrdinalIgnoreCase))
            return false;
        if (headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is not ("same-origin" or "none");
        // Behind a proxy, the scheme can differ, but not the host. "null" is the origin of a sandboxed page.
        return origin.Length > 0
            && !(Uri.TryCreate(origin, UriKind.Absolute, out var uri)
                && string.Equals(
                    uri.Authority, headers[HeaderNames.Host].ToString(), StringComparison.OrdinalIgnoreCase));
    }
}
