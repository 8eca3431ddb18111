using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>What an append costs in a small log and in a large one, and how many bytes an event takes on disk.</summary>
internal sealed class GrowthScenario : IScenario
{
    private const int Writers = 32;

    public IReadOnlyList<string> Names { get; } = ["append-growth", "bytes-per-event"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var file = directory.File("millrace.db");
        await using var store = await Stores.Open(file);
        await Stores.Fill(store, run.Sizes.SmallLog);
        var small = await MedianCost(run, store);
        var size = run.Sizes.SmallLog + small.Events;
        await Stores.Fill(store, run.Sizes.LargeLog - size, size);
        var large = await MedianCost(run, store);
        var events = await store.Count(EventFilter.All);
        await store.DisposeAsync();
        var growth = BenchmarkResult.OfLimit(
            Names[0], "cost ratio", large.Microseconds / small.Microseconds, raw: null, limit: 1.2, large.Latencies);
        var note = $"{small.Microseconds:0.0} µs an event at {run.Sizes.SmallLog:N0} events, "
            + $"{large.Microseconds:0.0} µs at {run.Sizes.LargeLog:N0} (32 writers).";
        var bytes = (double)new FileInfo(file).Length / events;
        return [growth with { Note = note }, BenchmarkResult.OfLimit(Names[1], "bytes", bytes, raw: null, limit: 1024)];
    }

    private static async Task<(double Microseconds, long Events, Latencies? Latencies)> MedianCost(BenchmarkRun run, EventStore store)
    {
        var rounds = new List<Round>();
        for (var i = 0; i < 3; i++)
        {
            rounds.Add(await WriterLoad.Run(Writers, run.Sizes.SingleAppends / 2, 1, async (writer, n) =>
            {
                var key = ((n % (SampleLines.Keys / Writers)) * Writers) + writer;
                await store.Append(SampleLines.Streams[key], ExpectedVersion.StreamExists, [SampleLines.Instance.Line(key)]);
            }));
        }
        var median = rounds.OrderBy(round => round.PerSecond).ElementAt(1);
        return (1_000_000 / median.PerSecond, rounds.Sum(round => round.Operations), median.Latencies);
    }
}
