using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures 32 senders of commands to 10,000 aggregates of 20 events. The comparison commits the same events as single
/// rows on 32 connections. In one load, each aggregate is used once and is loaded from its events or from a snapshot.
/// In another load, each aggregate is used several times, so most aggregates are in memory.
/// </summary>
internal sealed class SenderScenario(BenchDatabase database) : IScenario
{
    /// <summary>The number of concurrent senders.</summary>
    public const int Senders = 32;

    /// <summary>The number of events of each aggregate.</summary>
    public const int EventsEach = 20;

    /// <summary>The number of aggregates per sender.</summary>
    public const int AggregatesEach = SampleLines.Keys / Senders;

    private const int WarmRounds = 2; // The number of warm-up rounds for each measured round.

    public IReadOnlyList<string> Names { get; } =
    ["load-decide-append", "load-decide-append-snapshots", "decide-append-in-memory"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var commandsEach = Math.Max(AggregatesEach, run.Sizes.SingleAppends);
        if (run.Sizes.Rounds > 1)
            await Warm(run);
        // Each round of Millrace or the comparison appends an event to each aggregate. So the aggregates have twenty
        // events in the middle of the measured rounds.
        var first = EventsEach - run.Sizes.Rounds - (2 * PairedRounds.WarmUpRoundsFor(run.Sizes.Rounds));
        await using var store = await database.NewSchemas(run, (long)SampleLines.Keys * first, SampleLines.Keys);
        return
        [
            await Measure(
                run,
                Names[0],
                () => Raw(store, AggregatesEach),
                () => OfMillrace(store, AggregatesEach, isWarm: false)),
            await OfSnapshots(run),
            await Measure(
                run,
                Names[2],
                () => Raw(store, commandsEach),
                () => OfMillrace(store, commandsEach, isWarm: true)),
        ];
    }

    /// <summary>Runs one round on a new store, in which each aggregate is loaded once.</summary>
    public static async Task<Round> LoadSendersOnce(BenchmarkRun run, BenchDatabase database)
    {
        await using var store = await database.NewSchemas(run, (long)SampleLines.Keys * EventsEach, SampleLines.Keys);
        return await OfMillrace(store, AggregatesEach, isWarm: false);
    }

    /// <summary>Measures aggregates that have a snapshot at their twentieth event.</summary>
    private async Task<BenchmarkResult> OfSnapshots(BenchmarkRun run)
    {
        await using var store = await database.NewSchemas(
            run, (long)SampleLines.Keys * (EventsEach - 1), SampleLines.Keys);
        await OfMillrace(store, AggregatesEach, isWarm: false, takesSnapshots: true);
        return await Measure(
            run,
            Names[1],
            () => Raw(store, AggregatesEach),
            () => OfMillrace(store, AggregatesEach, isWarm: false, takesSnapshots: true));
    }

    /// <summary>
    /// Runs rounds without measurement, so that the runtime compiles the code of Millrace and of the comparison. A
    /// single round is too short, because it lasts about a second. The rounds use a separate store, so that the
    /// measured aggregates have twenty events.
    /// </summary>
    private async Task Warm(BenchmarkRun run)
    {
        await using var store = await database.NewSchemas(run, (long)SampleLines.Keys * EventsEach, SampleLines.Keys);
        for (var round = 0; round < WarmRounds * run.Sizes.Rounds; round++)
        {
            await Raw(store, AggregatesEach);
            await OfMillrace(store, AggregatesEach, isWarm: false);
        }
    }

    private static async Task<BenchmarkResult> Measure(
        BenchmarkRun run, string name, Func<Task<Round>> raw, Func<Task<Round>> millrace)
    {
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => raw(), _ => millrace());
        return await run.Explain(BenchmarkResult.OfRates(name, "commands/s", rounds, goal: 0.6), millrace);
    }

    private static async Task<Round> Raw(BenchStore store, int count)
    {
        var connections = await SingleRows.Open(store, Senders);
        var versions = await SingleRows.Versions(store);
        var round = await WriterLoad.Run(Senders, count, 1, (sender, i) =>
        {
            var key = KeyOf(sender, i);
            return connections[sender].Append(key, versions[key]++);
        });
        foreach (var connection in connections)
            await connection.DisposeAsync();
        return round;
    }

    private static async Task<Round> OfMillrace(BenchStore store, int count, bool isWarm, bool takesSnapshots = false)
    {
        using var host = await CommandScenario.Start(store, takesSnapshots);
        var bus = host.Services.GetRequiredService<ICommandBus>();
        if (isWarm)
            await Send(bus, AggregatesEach);
        var round = await Send(bus, count);
        await host.StopAsync();
        return round;
    }

    private static Task<Round> Send(ICommandBus bus, int count) =>
        WriterLoad.Run(Senders, count, 1, (sender, i) => CommandScenario.Send(bus, KeyOf(sender, i)));

    /// <summary>Returns the key of a sender's n-th command. Each sender has its own aggregates.</summary>
    private static int KeyOf(int sender, int i) => (i % AggregatesEach * Senders) + sender;
}
