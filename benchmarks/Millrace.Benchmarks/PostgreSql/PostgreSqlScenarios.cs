using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>The benchmarks on PostgreSQL.</summary>
internal static class PostgreSqlScenarios
{
    public static IScenario[] CreateFor(BenchDatabase database) =>
        [
            new AppendScenario(
                "append-32x1", writers: 32, events: 1, sizes => sizes.SingleAppends, goal: 0.85, p99LimitMs: 5),
            new AppendScenario("append-8x100", writers: 8, events: 100, sizes => sizes.BulkAppends, goal: 0.8),
            new SequentialAppendScenario(),
            new SnapshotScenario(database),
            new SenderScenario(database),
            new StreamReadScenario(database),
            new ScanScenario(),
            new RebuildScenario(goal: 0.35),
            new NodesScenario(database),
            new HotAggregatesScenario(database),
            new ShardsScenario(database),
            new CrossNodeVisibilityScenario(database),
            new PublishScenario(database),
            new QueryScenario(database),
            new GrowthScenario(sizes => sizes.SmallTable, sizes => sizes.LargeTable, limit: 1.15),
            new TableSizeScenario(database),
        ];

    /// <summary>The benchmarks against other event stores.</summary>
    public static IScenario[] Peers(BenchDatabase database) => [.. PeerScenario.All(database)];
}
