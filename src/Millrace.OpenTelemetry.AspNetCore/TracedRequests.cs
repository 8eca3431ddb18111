using Microsoft.AspNetCore.Http;

namespace Millrace.Telemetry.Web;

/// <summary>Selects the requests that are traced.</summary>
internal sealed class TracedRequests(MillraceTelemetryOptions options)
{
    private readonly PathString[] _untraced =
    [
        .. options.UntracedPaths
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(path => new PathString(path.TrimEnd('/'))),
    ];

    public bool Includes(HttpContext http) =>
        !Array.Exists(
            _untraced, path => http.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase));
}
