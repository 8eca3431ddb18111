using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>A load that a peer and Millrace run.</summary>
internal abstract record PeerLoad(string Shape, string Unit)
{
    /// <summary>Returns the name of the load in the peer's program, and the numeric arguments.</summary>
    public abstract (string Name, int[] Numbers) OfPeer(Sizes sizes);

    /// <summary>Returns the number of events or commands of a round.</summary>
    public abstract long Count(Sizes sizes);

    /// <summary>Runs a round of Millrace.</summary>
    public abstract Task<Round> OfMillrace(BenchmarkRun run, BenchDatabase database);
}

/// <summary>Appends with expected versions, by several writers.</summary>
internal sealed record PeerAppends(string Shape, int Writers, int Events, Func<Sizes, int> Appends)
    : PeerLoad(Shape, "events/s")
{
    public override (string Name, int[] Numbers) OfPeer(Sizes sizes) => ("append", [Writers, Events, Each(sizes)]);

    public override long Count(Sizes sizes) => (long)Writers * Events * Each(sizes);

    public override async Task<Round> OfMillrace(BenchmarkRun run, BenchDatabase database)
    {
        await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
        await using var store = await Stores.Open(bench.NewStorage());
        return await WriterLoad.Run(Writers, Each(run.Sizes), Events, new AppendLoad(Writers, Events).Through(store));
    }

    private int Each(Sizes sizes) => Math.Max(1, Appends(sizes));
}

/// <summary>Loads aggregates of twenty events, decides and appends. 32 senders use each aggregate once.</summary>
internal sealed record PeerDecisions() : PeerLoad("load-decide-append", "commands/s")
{
    public override (string Name, int[] Numbers) OfPeer(Sizes sizes) =>
        ("decide", [SenderScenario.Senders, SenderScenario.EventsEach]);

    public override long Count(Sizes sizes) => SenderScenario.Senders * SenderScenario.AggregatesEach;

    public override Task<Round> OfMillrace(BenchmarkRun run, BenchDatabase database) =>
        SenderScenario.LoadSendersOnce(run, database);
}

/// <summary>A rebuild of a read model with 10,000 documents.</summary>
internal sealed record PeerRebuild() : PeerLoad("rebuild", "events/s")
{
    public override (string Name, int[] Numbers) OfPeer(Sizes sizes) => ("rebuild", [sizes.LogEvents]);

    public override long Count(Sizes sizes) => sizes.LogEvents;

    public override async Task<Round> OfMillrace(BenchmarkRun run, BenchDatabase database) =>
        await RebuildScenario.OfMillrace(await run.GetLog(), run.Sizes.LogEvents);
}
