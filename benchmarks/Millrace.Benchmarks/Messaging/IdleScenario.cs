using System.Globalization;
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

    public IReadOnlyList<string> Names { get; } = ["idle-1000"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var (without, with) = (new List<double>(), new List<double>());
        for (var i = 0; i < run.Sizes.Rounds; i++)
        {
            without.Add(await Percent(run, 0));
            with.Add(await Percent(run, Count));
        }
        var (raw, median) = (IdleApplication.MedianOf(without), IdleApplication.MedianOf(with));
        var note = string.Create(CultureInfo.InvariantCulture, $"With them {median:0.00} %, without {raw:0.00} %.");
        return
        [
            BenchmarkResult.OfLimit(Names[0], "% of one processor", Math.Max(LeastPercent, median - raw), null, LimitPercent) with
            {
                Note = note,
            },
        ];
    }

    private static async Task<double> Percent(BenchmarkRun run, int consumers)
    {
        await using var bench = await run.Storage.NewStore(run);
        return await IdleApplication.Percent(run, bench, millrace =>
        {
            for (var i = 0; i < consumers; i++)
                millrace.AddConsumer($"idle-{i}", EventFilter.OfTypes("order.line-added"), static (_, _) => ValueTask.CompletedTask);
        });
    }
}
