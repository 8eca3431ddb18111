using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures process steps, each with a command that appends an event. The comparison is plain appends, with one writer
/// for each running instance.
/// </summary>
internal sealed class ProcessScenario : IScenario
{
    private const int ConcurrentInstances = 8;
    private const double Goal = 0.5; // A step costs almost two appends.
    private const int MoreRounds = 4; // Disk speed varies, and the median of three rounds is still unstable.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    public IReadOnlyList<string> Names { get; } = ["process-step"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var instances = Math.Max(2, run.Sizes.SequentialAppends * 2 / Hauling.Steps);
        Task<Round> Again() => OfMillrace(run, instances);
        var count = run.Sizes.Rounds > 1 ? run.Sizes.Rounds + MoreRounds : 1;
        var rounds = await PairedRounds.RunAlternating(
            count, _ => Appends(run, instances * Hauling.Steps), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "steps/s", rounds, Goal), Again)];
    }

    private static async Task<Round> Appends(BenchmarkRun run, int count)
    {
        await using var bench = await run.Storage.NewStore(run);
        await using var store = await Stores.Open(bench.NewStorage());
        var load = new AppendLoad(ConcurrentInstances, 1);
        return await WriterLoad.Run(ConcurrentInstances, count / ConcurrentInstances, 1, load.Through(store));
    }

    private static async Task<Round> OfMillrace(BenchmarkRun run, int instances)
    {
        await using var bench = await run.Storage.NewStore(run);
        using var host = await Application.Start(bench.NewStorage(), model => model
            .Event(HaulAsked.EventType, 1, DataJson.Default.HaulAsked)
            .Command(Haul.Definition)
            .Process(new ProcessDefinition<string>(Hauling.Name, 1, new Hauling())));
        var store = host.Services.GetRequiredService<EventStore>();
        var completions = new CompletionWatcher(store);
        using var end = new CancellationTokenSource();
        var following = completions.Run(end.Token);
        await RunInstances(store, completions, 0, ConcurrentInstances * 2);
        var round = await Round.Measure(async () =>
        {
            await RunInstances(store, completions, ConcurrentInstances * 2, instances);
            return ((long)instances * Hauling.Steps, (Latencies?)null);
        });
        await end.CancelAsync();
        await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await host.StopAsync();
        return round;
    }

    /// <summary>Runs instances concurrently, one for each writer of the comparison.</summary>
    private static Task RunInstances(EventStore store, CompletionWatcher completions, int first, int count) =>
        Task.WhenAll(Enumerable.Range(0, ConcurrentInstances).Select(async writer =>
        {
            for (var i = first + writer; i < first + count; i += ConcurrentInstances)
            {
                var completed = completions.WaitFor(Hauling.Name, $"{i}");
                await store.Append(new StreamId($"asked-{i}"), ExpectedVersion.NoStream, [new HaulAsked($"{i}")]);
                await completed.WaitAsync(WaitTimeout);
            }
        }));
}
