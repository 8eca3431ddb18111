using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.AspNetCore.Health;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millrace to an application's health checks.</summary>
public static class MillraceHealthCheckExtensions
{
    /// <summary>
    /// Adds a check of the health of this node. It returns the same health as the <c>/health</c> endpoint of
    /// <c>MapMillrace</c>.
    /// </summary>
    /// <remarks>
    /// The check is unhealthy when the store does not answer within two seconds. It is degraded when a consumer is
    /// stalled or faulted, a broker is unavailable, the retries of a receiver are stalled, or the audit of the log
    /// found a problem. Its data contains the number of consumers and transports in each state.
    /// </remarks>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The name of the check; <c>millrace</c> by default.</param>
    /// <param name="failureStatus">The status if the store does not answer; unhealthy by default.</param>
    /// <param name="tags">The tags of the check; <c>millrace</c> by default. Probes do not run it, because it reads
    /// from the store.</param>
    public static IHealthChecksBuilder AddMillrace(
        this IHealthChecksBuilder builder,
        string name = "millrace",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.Add(new HealthCheckRegistration(
            name, static services => new MillraceHealthCheck(services), failureStatus, tags ?? ["millrace"]));
    }
}
