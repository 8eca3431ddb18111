using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Keeping;

/// <summary>
/// Measures the appends of 8 writers, with 100 events each, while the store is backed up each second to a directory of
/// the same disk. The comparison appends without a backup.
/// </summary>
internal sealed class BackedUpAppendScenario : IScenario
{
    private const int Writers = 8;
    private const int EventsEach = 100;
    private const int StreamCount = 1_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public IReadOnlyList<string> Names { get; } = ["backed-up-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        Task<Round> Again() => AppendWithBackup(run);
        var rounds = await PairedRounds.RunAlternating(
            warmUps: run.Sizes.Rounds > 1 ? 1 : 0, run.Sizes.Rounds, _ => Append(run, null), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.95), Again)];
    }

    private static async Task<Round> AppendWithBackup(BenchmarkRun run)
    {
        using var backups = new BackupDirectory(run);
        return await Append(run, backups.Use);
    }

    private static async Task<Round> Append(BenchmarkRun run, Action<MillraceBuilder>? configure)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        using var host = await Application.Start(store.NewStorage(), static _ => { }, configure);
        var events = host.Services.GetRequiredService<EventStore>();
        await Stores.Fill(events, StreamCount, first: 0, StreamCount);
        var warmUp = run.Sizes.Rounds > 1 ? WarmUp : TimeSpan.Zero;
        var round = await WriterLoad.RunFor(
            Writers, warmUp, TimeSpan.FromSeconds(run.Sizes.NodeSeconds), EventsEach, Through(events));
        await host.StopAsync();
        return round;
    }

    private static Func<int, int, ValueTask> Through(EventStore store) => async (writer, i) =>
    {
        var key = ((i * Writers) + writer) % StreamCount;
        var batch = new object[EventsEach];
        for (var j = 0; j < EventsEach; j++)
            batch[j] = SampleLines.Instance.Line(key + j);
        await store.Append(SampleLines.Streams[key], ExpectedVersion.Any, batch);
    };
}
