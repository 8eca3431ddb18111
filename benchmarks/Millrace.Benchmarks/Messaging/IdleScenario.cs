using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Messaging;

/// <summary>The processor time of an application with 1,000 consumers that have nothing to do, beside one without any.</summary>
internal sealed class IdleScenario : IScenario
{
    private const int Consumers = 1_000;
    private const double LimitPercent = 1; // Of one processor: less than what the measurement itself varies by.

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public IReadOnlyList<string> Names { get; } = ["idle-1000"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var (without, with) = (new List<double>(), new List<double>());
        for (var i = 0; i < run.Sizes.Rounds; i++)
        {
            without.Add(await Percent(run, 0));
            with.Add(await Percent(run, Consumers));
        }
        var (raw, median) = (without.Order().ElementAt(without.Count / 2), with.Order().ElementAt(with.Count / 2));
        return [BenchmarkResult.OfLimit(Names[0], "% of one processor", median, raw, LimitPercent)];
    }

    private static async Task<double> Percent(BenchmarkRun run, int consumers)
    {
        await using var bench = await run.Storage.NewStore(run);
        var settling = run.Sizes.Rounds > 1 ? Settling : TimeSpan.FromSeconds(1);
        using var host = await Application.Start(bench.NewStorage(), _ => { }, millrace =>
        {
            for (var i = 0; i < consumers; i++)
                millrace.AddConsumer($"idle-{i}", EventFilter.OfTypes("order.line-added"), static (_, _) => ValueTask.CompletedTask);
        });
        await Task.Delay(settling);
        var round = await Round.Measure(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(2, run.Sizes.VisibleSeconds)));
            return (1L, (Latencies?)null);
        });
        await host.StopAsync();
        return 100 * round.Cpu.TotalSeconds / round.Elapsed.TotalSeconds;
    }
}
