using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Operations;

/// <summary>The benchmarks of the performance monitor, the anomaly detector and the adaptation to the load.</summary>
internal static class OperationsScenarios
{
    public static IScenario[] All() => [new MonitoredAppendScenario(), new AnomalyScenario(), new AdaptiveScenario()];
}
