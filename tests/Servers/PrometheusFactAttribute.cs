using Xunit;

namespace Servers;

/// <summary>A test on a real Prometheus. Without Prometheus the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PrometheusFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public PrometheusFactAttribute() => Skip = PrometheusPrograms.ReasonToSkip;
}
