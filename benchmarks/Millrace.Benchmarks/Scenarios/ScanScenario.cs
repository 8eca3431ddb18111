using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Reading the whole log with every event decoded, beside a streaming SELECT with System.Text.Json, on the same file.</summary>
internal sealed class ScanScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["scan"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var file = await run.GetLog();
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Raw(file, run.Sizes.LogEvents), _ => OfMillrace(file, run.Sizes.LogEvents));
        return [BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.75)];
    }

    private static async Task<Round> Raw(string file, long expected)
    {
        using var connection = new RawConnection(file);
        return await Round.Measure(() =>
        {
            var quantity = 0L;
            var events = RawScan.Scan(connection, (_, line) => quantity += line.Quantity);
            return Task.FromResult((Check(events, expected, quantity), (Latencies?)null));
        });
    }

    private static async Task<Round> OfMillrace(string file, long expected)
    {
        await using var store = await Stores.Open(file);
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
        : throw new InvalidOperationException($"The log holds {expected} events, but {events} were read.");
}
