using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millrace to an application's health checks.</summary>
public static class MillraceHealthCheckExtensions
{
    /// <summary>Adds the health of this node, as the <c>/health</c> endpoint of <c>MapMillrace</c> shows it.</summary>
    /// <remarks>
    /// The check is unhealthy when the store does not answer within two seconds. It is degraded when a consumer is
    /// stalled or faulted, a broker is unavailable, a receiver waits for its retries, or the audit of the log found a
    /// problem. Its data contains the numbers.
    /// </remarks>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The name of the check; <c>millrace</c> by default.</param>
    /// <param name="failureStatus">The status if the store does not answer; unhealthy by default.</param>
    /// <param name="tags">The tags of the check; <c>ready</c> by default.</param>
    public static IHealthChecksBuilder AddMillrace(
        this IHealthChecksBuilder builder,
        string name = "millrace",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return builder.Add(new HealthCheckRegistration(
            name, static services => new MillraceHealthCheck(services), failureStatus, tags ?? ["ready"]));
    }
}
