using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// The processor time that 1,000 consumers take which have nothing to do: that of an application with them less that of one without any.
/// </summary>
internal sealed class IdleScenario : IScenario
{
    private const int Count = 1_000;
    private const double LimitPercent = 1; // Of one processor: less than what the measurement itself varies by.
    private const double LeastPercent = 0.01; // Below what can be told.

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public IReadOnlyList<string> Names { get; } = ["idle-1000"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var (without, with) = (new List<double>(), new List<double>());
        for (var i = 0; i < run.Sizes.Rounds; i++)
        {
            without.Add(await Percent(run, 0));
            with.Add(await Percent(run, Count));
        }
        var (raw, median) = (without.Order().ElementAt(without.Count / 2), with.Order().ElementAt(with.Count / 2));
        var note = string.Create(CultureInfo.InvariantCulture, $"With them {median:0.00} %, without {raw:0.00} %.");
        return
        [
            BenchmarkResult.OfLimit(Names[0], "% of one processor", Math.Max(LeastPercent, median - raw), null, LimitPercent) with
            {
                Note = note,
            },
        ];
    }

    /// <summary>Taking the leases is work, and over when every consumer is at the end of the log.</summary>
    private static async Task AllAreLive(Consumers consumers)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while ((await consumers.List(limit.Token)).Any(consumer => consumer.State != ConsumerState.Live))
            await ticks.WaitForNextTickAsync(limit.Token);
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
        await AllAreLive(host.Services.GetRequiredService<Consumers>());
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
