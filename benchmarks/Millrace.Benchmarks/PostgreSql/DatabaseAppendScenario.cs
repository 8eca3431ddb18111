using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>Writers that append with the expected version to PostgreSQL, each to streams of its own, beside the bare form Q.</summary>
internal sealed class DatabaseAppendScenario(
    BenchDatabase database, string name, int writers, int events, Func<Sizes, int> appends, double goal, double? p99LimitMs = null)
    : IScenario
{
    public IReadOnlyList<string> Names { get; } = p99LimitMs is null ? [name] : [name, name + "-p99"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = appends(run.Sizes);
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Raw(count), _ => OfMillrace(count));
        var rate = BenchmarkResult.OfRates(name, "events/s", rounds, goal);
        if (p99LimitMs is not { } limit)
            return [rate];
        var latencies = rounds.MedianMillrace.Latencies!; // Writers' latencies are kept.
        var raw = rounds.MedianRaw.Latencies?.Percentile(0.99);
        return [rate, BenchmarkResult.OfLimit(name + "-p99", "ms", latencies.Percentile(0.99), raw, limit, latencies)];
    }

    private async Task<Round> Raw(int count)
    {
        await using var store = await database.NewStore();
        await using var form = await FormQ.Open(store);
        await using var loop = new FormQLoop(form);
        var requests = Enumerable.Range(0, writers).Select(_ => new RawAppend()).ToArray();
        var versions = NewVersions();
        return await WriterLoad.Run(writers, count, events, async (writer, i) =>
        {
            var key = KeyOf(writer, i);
            requests[writer].Prepare(key, versions[key], events, key);
            await loop.Append(requests[writer]);
            versions[key] += events;
        });
    }

    private async Task<Round> OfMillrace(int count)
    {
        await using var bench = await database.NewStore();
        await using var store = await Stores.Open(bench.NewStorage());
        var versions = NewVersions();
        return await WriterLoad.Run(writers, count, events, async (writer, i) =>
        {
            var key = KeyOf(writer, i);
            var batch = new object[events];
            for (var j = 0; j < events; j++)
                batch[j] = SampleLines.Instance.Line(key + j);
            await store.Append(SampleLines.Streams[key], ExpectedVersion.AsRead(versions[key]), batch);
            versions[key] += events;
        });
    }

    private static long[] NewVersions()
    {
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return versions;
    }

    /// <summary>Each writer goes round its own share of the streams.</summary>
    private int KeyOf(int writer, int i) => (i % (SampleLines.Keys / writers) * writers) + writer;
}
