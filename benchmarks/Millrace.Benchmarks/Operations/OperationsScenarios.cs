using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Operations;

/// <summary>The benchmarks of the performance monitor.</summary>
internal static class OperationsScenarios
{
    public static IScenario[] All() => [new MonitoredAppendScenario()];
}
