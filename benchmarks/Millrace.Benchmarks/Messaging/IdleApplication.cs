using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Messaging;

/// <summary>Measures the processor time of an application without work.</summary>
internal static class IdleApplication
{
    private const double LimitPercent = 1; // Smaller than the variation of the measurement.
    private const double MinPercent = 0.01; // The smallest measurable share.

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Returns the processor time that the application uses, in percent of one processor.</summary>
    public static async Task<double> Percent(BenchmarkRun run, IBenchStore bench, Action<MillraceBuilder> configure)
    {
        var settling = run.Sizes.Rounds > 1 ? Settling : TimeSpan.FromSeconds(1);
        using var host = await Application.Start(bench.NewStorage(), _ => { }, configure);
        await WaitUntilLive(host.Services.GetRequiredService<Consumers>());
        await Task.Delay(settling);
        var round = await Round.Measure(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(2, run.Sizes.VisibleSeconds)));
            return (1L, (Latencies?)null);
        });
        await host.StopAsync();
        return 100 * round.Cpu.TotalSeconds / round.Elapsed.TotalSeconds;
    }

    /// <summary>Waits until every consumer has its lease and is at the end of the log.</summary>
    public static async Task WaitUntilLive(Consumers consumers)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while ((await consumers.List(limit.Token)).Any(consumer => consumer.State != ConsumerState.Live))
            await ticks.WaitForNextTickAsync(limit.Token);
    }

    /// <summary>
    /// Returns the difference between the median processor times with and without the measured feature.
    /// </summary>
    public static BenchmarkResult MoreWith(
        string name, IReadOnlyCollection<double> without, IReadOnlyCollection<double> with)
    {
        var (before, after) = (MedianOf(without), MedianOf(with));
        return BenchmarkResult.OfLimit(
            name, "% of one processor", Math.Max(MinPercent, after - before), null, LimitPercent) with
        {
            Note = string.Create(CultureInfo.InvariantCulture, $"With: {after:0.00} %. Without: {before:0.00} %."),
        };
    }

    private static double MedianOf(IReadOnlyCollection<double> measured) =>
        measured.Order().ElementAt(measured.Count / 2);
}
