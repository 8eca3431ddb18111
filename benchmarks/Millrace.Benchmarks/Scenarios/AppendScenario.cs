using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;
using Millrace.Storage;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Writers that append with the expected version, each to streams of its own, beside a bare group-commit loop.</summary>
internal sealed class AppendScenario(string name, int writers, int events, Func<Sizes, int> appends, double goal, double? p99LimitMs = null)
    : IScenario
{
    public IReadOnlyList<string> Names { get; } = p99LimitMs is null ? [name] : [name, name + "-p99"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = appends(run.Sizes);
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Raw(run, count), _ => OfMillrace(run, count));
        var rate = BenchmarkResult.OfRates(name, "events/s", rounds, goal);
        if (!rate.Met)
            rate = rate with { Note = $"{rate.Note} {await Profile(run, count)}" };
        if (p99LimitMs is not { } limit)
            return [rate];
        var latencies = rounds.MedianMillrace.Latencies;
        var raw = rounds.MedianRaw.Latencies?.Percentile(0.99);
        var p99 = latencies!.Percentile(0.99); // Writers' latencies are kept.
        return [rate, BenchmarkResult.OfLimit(name + "-p99", "ms", p99, raw, limit, latencies)];
    }

    private async Task<Round> Raw(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        await Stores.MakeStreams(directory.File("raw.db"));
        using var log = new RawLog(directory.File("raw.db"));
        using var loop = new RawCommitLoop(log);
        var requests = Enumerable.Range(0, writers).Select(_ => new RawAppend()).ToArray();
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
        return await WriterLoad.Run(writers, count, events, async (writer, i) =>
        {
            var key = KeyOf(writer, i);
            requests[writer].Prepare(log.StreamOf(key), versions[key], events, key);
            if (!await loop.Append(requests[writer]))
                throw new InvalidOperationException("The raw loop refused an append.");
            versions[key] += events;
        });
    }

    private async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        await Stores.MakeStreams(directory.File("millrace.db"));
        return await OfMillrace(Stores.NewStorage(directory.File("millrace.db")), count);
    }

    /// <summary>Measures once more, with a look at where the time goes.</summary>
    private async Task<string> Profile(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        await Stores.MakeStreams(directory.File("millrace.db"));
        var storage = new ProfiledStorage(Stores.NewStorage(directory.File("millrace.db")));
        var round = await OfMillrace(storage, count);
        return storage.Profile.Over(round.Elapsed) + ".";
    }

    private async Task<Round> OfMillrace(IStorage storage, int count)
    {
        await using var store = await Stores.Open(storage);
        var versions = new long[SampleLines.Keys];
        Array.Fill(versions, 1);
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

    /// <summary>Each writer goes round its own share of the streams.</summary>
    private int KeyOf(int writer, int i) => (i % (SampleLines.Keys / writers) * writers) + writer;
}
