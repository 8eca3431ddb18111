using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures a rebuild of a read model with 10,000 keys. The comparison is a hand-written loop that reads, decodes,
/// folds and writes.
/// </summary>
internal sealed class RebuildScenario(double goal) : IScenario
{
    public IReadOnlyList<string> Names { get; } = ["rebuild"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var log = await run.GetLog();
        using var host = await Start(log);
        Task<Round> Again() => OfMillrace(host.Services, run.Sizes.LogEvents);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Raw(log), _ => Again());
        var result = await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal), Again);
        await host.StopAsync();
        return [result];
    }

    /// <summary>Runs one round of Millrace on a log.</summary>
    public static async Task<Round> OfMillrace(IBenchStore log, long events)
    {
        using var host = await Start(log);
        var round = await OfMillrace(host.Services, events);
        await host.StopAsync();
        return round;
    }

    /// <summary>Starts an application, and waits until its read model has all events.</summary>
    private static async Task<IHost> Start(IBenchStore log)
    {
        var host = await Application.Start(log.NewStorage(), model => model.Projection(LineTotals.Definition));
        var consumers = host.Services.GetRequiredService<Consumers>();
        var token = await host.Services.GetRequiredService<EventStore>().GetToken();
        await consumers.WaitFor(LineTotals.Definition.Collection, token, TimeSpan.FromMinutes(5));
        return host;
    }

    private static async Task<Round> Raw(IBenchStore log)
    {
        await using var reader = await log.OpenReader();
        return await Round.Measure(async () => (await reader.Rebuild(), (Latencies?)null));
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

    /// <summary>Checks that the read model contains every event once.</summary>
    private static async Task Check(IServiceProvider services, long events)
    {
        var model = services.GetRequiredService<IReadModel<int, LineTotal>>();
        var lines = 0L;
        foreach (var keys in Enumerable.Range(0, SampleLines.Keys).Chunk(1_000))
            lines += (await model.GetMany(keys)).Value?.Values.Sum(total => total.Lines) ?? 0;
        if (lines != events)
            throw new InvalidOperationException($"The read model contains {lines} events, but the log has {events}.");
    }
}
