using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures the time from the scheduled append of an event until the event is durable, at 10,000 events per second.
/// </summary>
internal sealed class PublishScenario(BenchDatabase database) : IScenario
{
    private const int EventsPerSecond = 10_000;
    private const double LimitMs = 10;

    public IReadOnlyList<string> Names { get; } = ["publish-p95"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        async Task<Round> Publish()
        {
            await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
            await using var store = await Stores.Open(bench.NewStorage());
            Task Append(int i)
            {
                var key = SampleLines.KeyOf(i);
                return store.Append(SampleLines.Streams[key], ExpectedVersion.Any, [SampleLines.Instance.Line(key)]);
            }
            await OpenLoop.Run(EventsPerSecond, EventsPerSecond, Append); // Warms up.
            return await OpenLoop.Run(EventsPerSecond, EventsPerSecond * run.Sizes.VisibleSeconds, Append);
        }

        var rounds = new List<Round>();
        for (var i = 0; i < run.Sizes.Rounds; i++)
            rounds.Add(await Publish());
        var median = rounds
            .Select(round => round.Latencies!) // An open loop always records latencies.
            .OrderBy(all => all.Percentile(0.95))
            .ElementAt(rounds.Count / 2);
        return
        [
            await run.Explain(
                BenchmarkResult.OfLimit(Names[0], "ms", median.Percentile(0.95), null, LimitMs, median), Publish),
        ];
    }
}
