using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Measures a rebuild into a second collection, including the switch, against a rebuild in place.</summary>
internal sealed class RebuildBesideScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["rebuild beside"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var log = await run.GetLog();
        using var host = await Application.Start(log.NewStorage(), model => model.Projection(LineTotals.Definition));
        var projections = host.Services.GetRequiredService<Projections>();
        var token = await host.Services.GetRequiredService<EventStore>().GetToken();
        var live = await Live(projections);
        await host.Services.GetRequiredService<Consumers>().WaitFor(live, token, TimeSpan.FromMinutes(5));
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            _ => InPlace(projections, run.Sizes.LogEvents),
            _ => Beside(projections, run.Sizes.LogEvents));
        await host.StopAsync();
        return [BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.8)];
    }

    private static Task<Round> InPlace(Projections projections, long events) => Round.Measure(async () =>
    {
        await projections.Rebuild(await Live(projections));
        return (events, (Latencies?)null);
    });

    private static async Task<Round> Beside(Projections projections, long events)
    {
        var round = await Round.Measure(async () =>
        {
            await projections.RebuildBeside(LineTotals.Definition.Name);
            return (events, (Latencies?)null);
        });
        var comparison = await projections.Compare(LineTotals.Definition.Name);
        if (!comparison.IsSame || comparison.Same != SampleLines.Keys)
            throw new InvalidOperationException($"The rebuilt read model differs: {comparison}.");
        await projections.Drop(LineTotals.Definition.Name);
        return round;
    }

    private static async Task<string> Live(Projections projections) =>
        (await projections.Catalog()).Single(row => row.Name == LineTotals.Definition.Name).Live;
}
