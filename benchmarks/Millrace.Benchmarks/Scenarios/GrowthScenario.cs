using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures the cost of an append in a small log and in a large log. Also measures the memory of the process and the
/// disk space per event.
/// </summary>
internal sealed class GrowthScenario(Func<Sizes, int> smallLog, Func<Sizes, int> largeLog, double limit) : IScenario
{
    private const int Writers = 32;
    private const double MemoryLimit = 1.2;

    public IReadOnlyList<string> Names { get; } = ["append-growth", "append-growth-memory", "bytes-per-event"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var (smallSize, largeSize) = (smallLog(run.Sizes), largeLog(run.Sizes));
        await using var bench = await run.Storage.NewStore(run, smallSize);
        await using var store = await Stores.Open(bench.NewStorage());
        await RunRound(run, store); // Warms up, and fills caches.
        var small = await MedianCost(run, store);
        var size = await store.Count(EventFilter.All);
        await Stores.Fill(store, largeSize - size, size);
        await bench.Settle();
        // Warms up again. The first write to a page after a checkpoint costs more and must not be measured.
        await RunRound(run, store);
        var large = await MedianCost(run, store);
        var events = await store.Count(EventFilter.All);
        await store.DisposeAsync();

        var growth = BenchmarkResult.OfLimit(
            Names[0], "cost ratio", large.Microseconds / small.Microseconds, raw: null, limit, large.Latencies);
        var note = $"{small.Microseconds:0.0} µs per event at {smallSize:N0} events, "
            + $"{large.Microseconds:0.0} µs at {largeSize:N0} (32 writers).";
        var memory = BenchmarkResult.OfLimit(
            Names[1], "MiB", large.MemoryMebibytes, small.MemoryMebibytes, small.MemoryMebibytes * MemoryLimit);
        var bytes = (double)await bench.SizeBytes() / events;
        return
        [
            growth with
            {
                Note = note,
            },
            memory,
            BenchmarkResult.OfLimit(Names[2], "bytes", bytes, raw: null, limit: 1024),
        ];
    }

    private static async Task<Cost> MedianCost(BenchmarkRun run, EventStore store)
    {
        var rounds = new List<Round>();
        for (var i = 0; i < 3; i++)
            rounds.Add(await RunRound(run, store));
        var median = rounds.OrderBy(round => round.PerSecond).ElementAt(1);
        return new Cost(
            1_000_000 / median.PerSecond,
            median.Latencies,
            GC.GetTotalMemory(forceFullCollection: true) / 1024.0 / 1024);
    }

    private static Task<Round> RunRound(BenchmarkRun run, EventStore store) =>
        WriterLoad.Run(
            Writers,
            run.Sizes.SingleAppends / 2,
            1,
            async (writer, n) =>
            {
                var key = ((n % (SampleLines.Keys / Writers)) * Writers) + writer;
                await store.Append(
                    SampleLines.Streams[key],
                    ExpectedVersion.StreamExists,
                    [SampleLines.Instance.Line(key)]);
            }
        );

    private sealed record Cost(double Microseconds, Latencies? Latencies, double MemoryMebibytes);
}
