using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Storage;
using Millrace.Storage.Caching;

namespace Millrace.Benchmarks.Keeping;

/// <summary>
/// Measures reads of streams with 50 events, from the cache of streams and from the whole log in memory, against the
/// same reads of the storage. 8 readers read at the same time, without writes.
/// </summary>
internal sealed class CachedStreamScenario : IScenario
{
    private const int Readers = 8;
    private const int StreamCount = 200;
    private const int EventsEach = 50;
    private const string Cache = "stream-cache";
    private const string Whole = "log-in-memory";

    public IReadOnlyList<string> Names { get; } = [Cache, Whole];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var store = await run.Storage.NewStore(run, StreamCount * EventsEach, StreamCount);
        return
        [
            await Measure(run, store.NewStorage, Cache, new StreamCache(64 * 1024 * 1024)),
            await Measure(run, store.NewStorage, Whole, new LogReplica()),
        ];
    }

    private static async Task<BenchmarkResult> Measure(
        BenchmarkRun run, Func<IStorage> open, string name, ILogCopy copy)
    {
        await using var raw = open();
        await raw.Open(CancellationToken.None);
        await using var cached = new CachedStorage(open(), copy);
        await cached.Open(CancellationToken.None);
        await Read(cached, StreamCount * Readers); // Fills the cache.
        var reads = run.Sizes.LogEvents / EventsEach;
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            _ => Round.Measure(() => Read(raw, reads)),
            _ => Round.Measure(() => Read(cached, reads)));
        return BenchmarkResult.OfRates(name, "streams/s", rounds, goal: 1);
    }

    private static async Task<(long Count, Latencies? Latencies)> Read(IStorage storage, long reads)
    {
        await Task.WhenAll(Enumerable.Range(0, Readers).Select(reader => Task.Run(async () =>
        {
            for (long i = reader; i < reads; i += Readers)
            {
                var query = new StreamPageQuery(SampleLines.Streams[(int)(i % StreamCount)], 1, false, 1_000);
                var page = await storage.Log.ReadStream(query, CancellationToken.None);
                if (page.Events.Count < EventsEach)
                    throw new InvalidOperationException($"{query.Stream} has only {page.Events.Count} events.");
            }
        })));
        return (reads, null);
    }
}
