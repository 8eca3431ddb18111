using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Keeping;

/// <summary>The benchmarks of backups, restores, archives and cached answers.</summary>
internal static class KeepingScenarios
{
    public static IScenario[] All() =>
    [
        new BackedUpAppendScenario(),
        new RestoreScenario(),
        new ArchivingScenario(),
        new CachedQueryScenario(),
        new CachedStreamScenario(),
    ];
}
