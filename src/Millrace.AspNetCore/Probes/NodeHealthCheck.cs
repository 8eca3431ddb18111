using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.AspNetCore.Probes;

/// <summary>Reports one property of the health of this node. It never accesses the store.</summary>
internal sealed class NodeHealthCheck(NodeHealth health, Func<NodeHealth, bool> isHealthy) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(
            isHealthy(health)
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus));
}
