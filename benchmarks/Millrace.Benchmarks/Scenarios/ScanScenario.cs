using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures reading and decoding the complete log. The comparison is a streaming SELECT with System.Text.Json on the
/// same store.
/// </summary>
internal sealed class ScanScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["scan"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var (log, events) = (await run.GetLog(), run.Sizes.LogEvents);
        Task<Round> Again() => OfMillrace(log, events);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Raw(log, events), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.75), Again)];
    }

    private static async Task<Round> Raw(IBenchStore log, long expected)
    {
        await using var reader = await log.OpenReader();
        return await Round.Measure(async () =>
        {
            var quantity = 0L;
            var events = await reader.Scan((_, line) => quantity += line.Quantity);
            return (Check(events, expected, quantity), (Latencies?)null);
        });
    }

    private static async Task<Round> OfMillrace(IBenchStore log, long expected)
    {
        await using var store = await Stores.Open(log.NewStorage());
        return await Round.Measure(async () =>
        {
            var (events, quantity) = (0L, 0L);
            await foreach (var recorded in store.ReadLog(EventFilter.All))
            {
                quantity += ((LineAdded)recorded.Data).Quantity;
                events++;
            }
            return (Check(events, expected, quantity), (Latencies?)null);
        });
    }

    private static long Check(long events, long expected, long quantity) => events == expected && quantity > 0
        ? events
        : throw new InvalidOperationException($"The log has {expected} events, but {events} were read.");
}
