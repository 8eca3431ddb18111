using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Operations;

/// <summary>The benchmarks of the performance monitor and the anomaly detector.</summary>
internal static class OperationsScenarios
{
    public static IScenario[] All() => [new MonitoredAppendScenario(), new AnomalyScenario()];
}
