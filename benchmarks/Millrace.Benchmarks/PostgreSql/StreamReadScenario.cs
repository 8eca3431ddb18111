using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures 8 readers that read and decode streams of 100 events. The comparison is a prepared SELECT with
/// System.Text.Json.
/// </summary>
internal sealed class StreamReadScenario(BenchDatabase database) : IScenario
{
    private const int Readers = 8;
    private const int EventsEach = 100;

    public IReadOnlyList<string> Names { get; } = ["read-streams"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var streams = Math.Min(SampleLines.Keys, run.Sizes.LogEvents / EventsEach);
        var reads = Math.Max(streams / Readers, run.Sizes.BulkAppends);
        await using var bench = await database.NewSchemas(run, streams * EventsEach, streams);
        Task<Round> Again() => OfMillrace(bench, streams, reads);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Raw(bench, streams, reads), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.75), Again)];
    }

    private static async Task<Round> Raw(BenchStore bench, int streams, int reads)
    {
        var readers = new RowReader[Readers];
        for (var i = 0; i < Readers; i++)
            readers[i] = await RowReader.Open(bench);
        var quantities = new long[Readers];
        var round = await WriterLoad.Run(
            Readers,
            reads,
            EventsEach,
            async (reader, i) =>
                Check(
                    await readers[reader]
                        .ReadStream(KeyOf(reader, i, streams), (_, line) => quantities[reader] += line.Quantity)));
        foreach (var reader in readers)
            await reader.DisposeAsync();
        return round;
    }

    private static async Task<Round> OfMillrace(BenchStore bench, int streams, int reads)
    {
        await using var store = await Stores.Open(bench.NewStorage());
        var quantities = new long[Readers];
        return await WriterLoad.Run(Readers, reads, EventsEach, async (reader, i) =>
        {
            var events = 0L;
            await foreach (var recorded in store.ReadStream(SampleLines.Streams[KeyOf(reader, i, streams)]))
            {
                quantities[reader] += ((LineAdded)recorded.Data).Quantity;
                events++;
            }
            Check(events);
        });
    }

    private static int KeyOf(int reader, int i, int streams) =>
        SampleLines.KeyOf(((long)i * Readers) + reader, streams);

    private static void Check(long events)
    {
        if (events != EventsEach)
            throw new InvalidOperationException($"A stream has {EventsEach} events, but {events} were read.");
    }
}
