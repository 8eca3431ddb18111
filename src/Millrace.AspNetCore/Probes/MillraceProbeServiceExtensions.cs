using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace;
using Millrace.AspNetCore;
using Millrace.AspNetCore.Probes;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds what the probes of a node need to an application.</summary>
public static class MillraceProbeServiceExtensions
{
    /// <summary>
    /// Adds the health checks <c>millrace-live</c>, <c>millrace-ready</c> and <c>millrace-started</c>, and drains the
    /// node when the host stops. <c>MapMillraceProbes</c> maps the probes. A second call only configures the options.
    /// </summary>
    /// <param name="services">The services of the application, which also uses <c>AddMillrace</c>.</param>
    /// <param name="configure">Sets the options of the drain. The configuration section <c>Millrace:Drain</c> overrides
    /// them.</param>
    public static IServiceCollection AddMillraceProbes(
        this IServiceCollection services, Action<DrainOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddMillraceNodeHealth(configure);
        if (services.Any(static service => service.ImplementationType == typeof(DrainMiddleware)))
            return services;
        services.AddSingleton<IStartupFilter, DrainMiddleware>();
        services.AddHostedService<ShutdownTimeoutCheck>();
        services.AddHealthChecks()
            .Add(Check("millrace-live", ProbeTags.Live, static health => health.IsLive))
            .Add(Check("millrace-ready", ProbeTags.Ready, static health => health.IsReady))
            .Add(Check("millrace-started", ProbeTags.Started, static health => health.IsStarted));
        return services;
    }

    private static HealthCheckRegistration Check(string name, string tag, Func<NodeHealth, bool> isHealthy) => new(
        name,
        services => new NodeHealthCheck(services.GetRequiredService<NodeHealth>(), isHealthy),
        failureStatus: null,
        [tag]);
}
