using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Measures one writer that appends sequentially. The comparison is the bare SQL statements.</summary>
internal sealed class SequentialAppendScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["append-1x1"];

    /// <summary>Runs the comparison, which checks, inserts and commits on the calling thread.</summary>
    public static async Task<Round> Raw(BenchmarkRun run, int count)
    {
        await using var store = await run.Storage.NewStore(run);
        await using var raw = await store.OpenWriter();
        var request = new RawAppend();
        var versions = NewVersions();
        return await WriterLoad.Run(1, count, 1, (_, i) =>
        {
            var key = i % SampleLines.Keys;
            request.Prepare(raw.StreamOf(key), versions[key]++, 1, key);
            return raw.AppendAlone(request);
        });
    }

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.SequentialAppends;
        Task<Round> Again() => OfMillrace(run, count);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Raw(run, count), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.8), Again)];
    }

    private static async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var bench = await run.Storage.NewStore(run);
        await using var store = await Stores.Open(bench.NewStorage());
        var versions = NewVersions();
        return await WriterLoad.Run(
            1,
            count,
            1,
            async (_, i) =>
            {
                var key = i % SampleLines.Keys;
                await store.Append(
                    SampleLines.Streams[key],
                    ExpectedVersion.Exactly(versions[key]++),
                    [SampleLines.Instance.Line(key)]);
            }
        );
    }

    private static long[] NewVersions()
    {
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return versions;
    }
}
