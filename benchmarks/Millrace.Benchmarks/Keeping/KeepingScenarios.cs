using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Keeping;

/// <summary>The benchmarks of backups and restores, on both storages.</summary>
internal static class KeepingScenarios
{
    public static IScenario[] All() => [new BackedUpAppendScenario(), new RestoreScenario()];
}
