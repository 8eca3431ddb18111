using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace;
using Millrace.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the probes of a node.</summary>
public static class MillraceProbeExtensions
{
    /// <summary>
    /// Maps the probes <c>/livez</c>, <c>/readyz</c> and <c>/startupz</c>, which are public. Each runs the health
    /// checks with its tag (<see cref="ProbeTags"/>), and responds 200, or 503 if one of them is unhealthy.
    /// </summary>
    /// <param name="endpoints">The endpoints of the application, which uses <c>AddMillraceProbes</c>.</param>
    /// <param name="configure">Sets other paths.</param>
    /// <returns>The conventions of all three endpoints.</returns>
    /// <exception cref="InvalidOperationException">The application does not use <c>AddMillraceProbes</c>.</exception>
    /// <exception cref="ArgumentException">A path does not start with a slash, or two paths are equal.</exception>
    public static IEndpointConventionBuilder MapMillraceProbes(
        this IEndpointRouteBuilder endpoints, Action<ProbeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = new ProbeOptions();
        configure?.Invoke(options);
        string[] paths = [options.LivePath, options.ReadyPath, options.StartedPath];
        if (paths.Any(static path => path is not ['/', ..])
            || paths.Distinct(StringComparer.OrdinalIgnoreCase).Count() < paths.Length)
        {
            throw new ArgumentException(
                "MapMillraceProbes: each path must start with a slash and be different, but they are "
                    + $"{string.Join(", ", paths)}.",
                nameof(configure));
        }
        if (endpoints.ServiceProvider.GetService<NodeHealth>() is null)
            throw new InvalidOperationException("MapMillraceProbes: add builder.Services.AddMillraceProbes() first.");
        var probes = endpoints.MapGroup("");
        Map(probes, options.LivePath, ProbeTags.Live);
        Map(probes, options.ReadyPath, ProbeTags.Ready);
        Map(probes, options.StartedPath, ProbeTags.Started);
        return probes;
    }

    /// <summary>Maps a probe. No other middleware runs, so that none can refuse or redirect it.</summary>
    private static void Map(RouteGroupBuilder probes, string path, string tag) =>
        probes.MapHealthChecks(path, new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(tag),
            ResponseWriter = static (http, report) => Write(http, report.Status),
        })
        .WithDisplayName($"GET {path}")
        .AllowAnonymous()
        .ShortCircuit();

    /// <summary>Writes only the status, because the probes are public.</summary>
    private static Task Write(HttpContext http, HealthStatus status)
    {
        http.Response.ContentType = "application/json";
        var name = JsonNamingPolicy.CamelCase.ConvertName(status.ToString());
        return http.Response.WriteAsync($"{{\"status\":\"{name}\"}}", http.RequestAborted);
    }
}
