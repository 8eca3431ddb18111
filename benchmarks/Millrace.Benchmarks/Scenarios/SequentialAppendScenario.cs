using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>One writer that appends one event after the other, beside the bare statements on the writer's own thread.</summary>
internal sealed class SequentialAppendScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["append-1x1"];

    /// <summary>The raw side: begin, check, insert, commit, without any handing over.</summary>
    public static async Task<Round> Raw(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        await Stores.MakeStreams(directory.File("raw.db"));
        using var log = new RawLog(directory.File("raw.db"));
        var request = new RawAppend();
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return await WriterLoad.Run(1, count, 1, (_, i) =>
        {
            var key = i % SampleLines.Keys;
            request.Prepare(log.StreamOf(key), versions[key]++, 1, key);
            log.AppendAlone(request);
            return ValueTask.CompletedTask;
        });
    }

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.SequentialAppends;
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Raw(run, count), _ => OfMillrace(run, count));
        return [BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.8)];
    }

    private static async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        await Stores.MakeStreams(directory.File("millrace.db"));
        await using var store = await Stores.Open(directory.File("millrace.db"));
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return await WriterLoad.Run(1, count, 1, async (_, i) =>
        {
            var key = i % SampleLines.Keys;
            await store.Append(SampleLines.Streams[key], ExpectedVersion.Exactly(versions[key]++), [SampleLines.Instance.Line(key)]);
        });
    }
}
