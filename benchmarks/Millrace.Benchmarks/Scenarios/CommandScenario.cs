using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures one sender of commands that load an aggregate, decide and append. The comparison is the bare append of the
/// same event.
/// </summary>
internal sealed class CommandScenario : IScenario
{
    private static readonly string[] Keys = [.. SampleLines.Streams.Select(stream => stream.Key)];

    public IReadOnlyList<string> Names { get; } = ["load-decide-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.SequentialAppends;
        Task<Round> Again() => OfMillrace(run, count);
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => SequentialAppendScenario.Raw(run, count), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "commands/s", rounds, goal: 0.5), Again)];
    }

    /// <summary>Starts an application that handles the commands.</summary>
    public static Task<IHost> Start(IBenchStore store, bool takesSnapshots = false) =>
        Application.Start(
            store.NewStorage(),
            model =>
                model.Aggregate(takesSnapshots ? Basket.WithSnapshots : Basket.Definition).Command(AddLine.Definition));

    /// <summary>Sends a command to the aggregate of a key.</summary>
    public static async ValueTask Send(ICommandBus bus, int key) =>
        await bus.Send(new AddLine(Keys[key], SampleLines.Instance.Line(key)));

    private static async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var store = await run.Storage.NewStore(run);
        using var host = await Start(store);
        var bus = host.Services.GetRequiredService<ICommandBus>();
        var round = await WriterLoad.Run(1, count, 1, (_, i) => Send(bus, SampleLines.KeyOf(i)));
        await host.StopAsync();
        return round;
    }
}
