using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>What is measured on PostgreSQL.</summary>
internal static class PostgreSqlScenarios
{
    public static IScenario[] On(BenchDatabase database) =>
    [
        new DatabaseAppendScenario(
            database, "pg-append-32x1", writers: 32, events: 1, sizes => sizes.SingleAppends, goal: 0.85, p99LimitMs: 5),
        new DatabaseAppendScenario(database, "pg-append-8x100", writers: 8, events: 100, sizes => sizes.BulkAppends, goal: 0.8),
        new DatabaseAppendScenario(database, "pg-append-1x1", writers: 1, events: 1, sizes => sizes.SequentialAppends, goal: 0.8),
    ];
}
