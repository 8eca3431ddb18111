using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Raw;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Building a read model of 10,000 keys anew, beside a loop written by hand: read, decode, fold, write.</summary>
internal sealed class RebuildScenario : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["rebuild"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var file = await run.GetLog();
        using var host = await Application.Start(file, model => model.Projection(LineTotals.Definition));
        var consumers = host.Services.GetRequiredService<Consumers>();
        var token = await host.Services.GetRequiredService<EventStore>().GetToken();
        await consumers.WaitFor(LineTotals.Definition.Collection, token, TimeSpan.FromMinutes(5));
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Raw(run, file), _ => OfMillrace(host.Services, run.Sizes.LogEvents));
        await host.StopAsync();
        return [BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 0.5)];
    }

    private static async Task<Round> Raw(BenchmarkRun run, string file)
    {
        using var directory = run.NewDirectory();
        using var source = new RawConnection(file);
        using var target = new RawConnection(directory.File("totals.db"));
        target.Execute("PRAGMA journal_mode = WAL");
        target.Execute(RawSchema.Settings);
        return await Round.Measure(() => Task.FromResult((RawScan.Rebuild(source, target), (Latencies?)null)));
    }

    private static async Task<Round> OfMillrace(IServiceProvider services, long events)
    {
        var projections = services.GetRequiredService<Projections>();
        var round = await Round.Measure(async () =>
        {
            await projections.Rebuild(LineTotals.Definition.Collection);
            return (events, (Latencies?)null);
        });
        await Check(services, events);
        return round;
    }

    /// <summary>What was built holds every event once.</summary>
    private static async Task Check(IServiceProvider services, long events)
    {
        var model = services.GetRequiredService<IReadModel<int, LineTotal>>();
        var lines = 0L;
        for (var key = 0; key < SampleLines.Keys; key++)
            lines += (await model.Get(key)).Value?.Lines ?? 0;
        if (lines != events)
            throw new InvalidOperationException($"The read model holds {lines} events, but the log has {events}.");
    }
}
