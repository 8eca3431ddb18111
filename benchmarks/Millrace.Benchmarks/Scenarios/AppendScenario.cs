using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures writers that append with the expected version, each to its own streams. The comparison is a bare
/// group-commit loop.
/// </summary>
internal sealed class AppendScenario(
    string name, int writers, int events, Func<Sizes, int> appends, double goal, double? p99LimitMs = null) : IScenario
{
    public IReadOnlyList<string> Names { get; } = p99LimitMs is null ? [name] : [name, name + "-p99"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = appends(run.Sizes);
        Task<Round> Again() => OfMillrace(run, count);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Raw(run, count), _ => Again());
        var rate = await run.Explain(BenchmarkResult.OfRates(name, "events/s", rounds, goal), Again);
        if (p99LimitMs is not { } limit)
            return [rate];
        var latencies = rounds.MedianMillrace.Latencies!; // A writer load always records latencies.
        var raw = rounds.MedianRaw.Latencies?.Percentile(0.99);
        var slowest = BenchmarkResult.OfLimit(name + "-p99", "ms", latencies.Percentile(0.99), raw, limit, latencies);
        return [rate, rate.Met ? await run.Explain(slowest, Again) : slowest];
    }

    private async Task<Round> Raw(BenchmarkRun run, int count)
    {
        await using var store = await run.Storage.NewStore(run);
        await using var raw = await store.OpenWriter();
        return await WriterLoad.Run(writers, count, events, new AppendLoad(writers, events).Through(raw));
    }

    private async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var bench = await run.Storage.NewStore(run);
        await using var store = await Stores.Open(bench.NewStorage());
        return await WriterLoad.Run(writers, count, events, new AppendLoad(writers, events).Through(store));
    }
}
