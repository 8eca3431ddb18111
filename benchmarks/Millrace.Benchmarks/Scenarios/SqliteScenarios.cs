using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>The benchmarks on SQLite and the benchmarks that use no storage.</summary>
internal static class SqliteScenarios
{
    public static IScenario[] All() =>
        [
            new AppendScenario(
                "append-32x1", writers: 32, events: 1, sizes => sizes.SingleAppends, goal: 0.85, p99LimitMs: 10),
            new AppendScenario("append-8x100", writers: 8, events: 100, sizes => sizes.BulkAppends, goal: 0.8),
            new SequentialAppendScenario(),
            new CommandScenario(),
            new ScanScenario(),
            new RebuildScenario(goal: 0.5),
            new RebuildBesideScenario(),
            new FailurePolicyScenario(),
            new VisibilityScenario(),
            new GrowthScenario(sizes => sizes.SmallLog, sizes => sizes.LargeLog, limit: 1.2),
            new WhyScenario(),
            new DispatchScenario(),
            new SpecificationScenario(),
            new FormatScenario(),
            new FormatStoreScenario(),
            new UpcastScenario(),
        ];
}
