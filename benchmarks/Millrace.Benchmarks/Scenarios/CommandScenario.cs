using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>One sender of commands that load an aggregate, decide and append, beside the bare append of the same event.</summary>
internal sealed class CommandScenario : IScenario
{
    private static readonly string[] Keys = [.. SampleLines.Streams.Select(stream => stream.Key)];

    public IReadOnlyList<string> Names { get; } = ["load-decide-append"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.SequentialAppends;
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => SequentialAppendScenario.Raw(run, count), _ => OfMillrace(run, count));
        return [BenchmarkResult.OfRates(Names[0], "commands/s", rounds, goal: 0.5)];
    }

    private static async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        using var directory = run.NewDirectory();
        var file = directory.File("millrace.db");
        await Stores.MakeStreams(file);
        using var host = await Application.Start(file, model => model.Aggregate(Basket.Definition).Command(AddLine.Definition));
        var bus = host.Services.GetRequiredService<ICommandBus>();
        var round = await WriterLoad.Run(1, count, 1, async (_, i) =>
        {
            var key = SampleLines.KeyOf(i);
            await bus.Send(new AddLine(Keys[key], SampleLines.Instance.Line(key)));
        });
        await host.StopAsync();
        return round;
    }
}
