using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace;
using Millrace.Telemetry.Web;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds OpenTelemetry and an endpoint for Prometheus to a web application with Millrace.</summary>
public static class MillraceWebTelemetryExtensions
{
    /// <summary>
    /// Does the same as <c>AddMillraceTelemetry</c>, and also collects spans and metrics of HTTP requests. A request is
    /// the first span of its trace, or continues that of its caller. <see cref="MapMillraceMetrics"/> maps an endpoint
    /// for Prometheus.
    /// </summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are not valid; the message
    /// lists all of them.</exception>
    public static TBuilder AddMillraceWebTelemetry<TBuilder>(
        this TBuilder builder, Action<MillraceTelemetryOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.Services.Any(service => service.ServiceType == typeof(WebTelemetryMark)))
            return builder;
        builder.AddMillraceTelemetry(configure);
        builder.Services.AddSingleton<WebTelemetryMark>();
        builder
            .Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation(requests =>
                requests.Filter = new TracedRequests(OptionsOf(builder.Services)).Includes))
            .WithMetrics(metrics => PrometheusNames.Apply(metrics.AddAspNetCoreInstrumentation())
                .AddPrometheusExporter());
        return builder;
    }

    /// <summary>
    /// Maps an endpoint for Prometheus, by default <c>/metrics</c>. It answers in OpenMetrics with exemplars if the
    /// client accepts that, and in Prometheus' text format otherwise. It is public unless the application restricts it:
    /// with <c>RequireAuthorization</c>, or with a separate port that clients cannot reach.
    /// </summary>
    /// <param name="endpoints">The endpoints of the application.</param>
    /// <param name="path">The path.</param>
    /// <param name="port">The local port on which the endpoint answers, which the application must also listen on; null
    /// for all. The header <c>Host</c> of a request has no effect on it.</param>
    /// <exception cref="InvalidOperationException"><c>AddMillraceWebTelemetry</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMillraceMetrics(
        this IEndpointRouteBuilder endpoints, string path = "/metrics", int? port = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (endpoints.ServiceProvider.GetService<WebTelemetryMark>() is null)
            throw new InvalidOperationException(
                "MapMillraceMetrics: call AddMillraceWebTelemetry on the builder of the application first.");
        var mapped = endpoints.MapPrometheusScrapingEndpoint(path);
        if (port is not null)
            mapped.Add(endpoint => endpoint.RequestDelegate = OnPort(port.Value, endpoint.RequestDelegate!)); // Mapped.
        return mapped;
    }

    private static RequestDelegate OnPort(int port, RequestDelegate handle) => http =>
    {
        if (http.Connection.LocalPort == port)
            return handle(http);
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    private static MillraceTelemetryOptions OptionsOf(IServiceCollection services) =>
        (MillraceTelemetryOptions)services
            .Last(service => service.ServiceType == typeof(MillraceTelemetryOptions))
            .ImplementationInstance!; // AddMillraceTelemetry has added the instance.
}
