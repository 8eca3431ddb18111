using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures the additional processor time of an application with 1,000 idle consumers, compared with an application
/// without consumers.
/// </summary>
internal sealed class IdleScenario : IScenario
{
    private const int Count = 1_000;
    private const int SmokeTestInstances = 50; // On a busy machine, a thousand consumers start in half a minute.

    public IReadOnlyList<string> Names { get; } = ["idle-1000"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.Rounds > 1 ? Count : SmokeTestInstances;
        var (without, with) = (new List<double>(), new List<double>());
        for (var i = 0; i < run.Sizes.Rounds; i++)
        {
            without.Add(await Percent(run, 0));
            with.Add(await Percent(run, count));
        }
        return [IdleApplication.MoreWith(Names[0], without, with)];
    }

    private static async Task<double> Percent(BenchmarkRun run, int consumers)
    {
        await using var bench = await run.Storage.NewStore(run);
        return await IdleApplication.Percent(
            run,
            bench,
            millrace =>
            {
                for (var i = 0; i < consumers; i++)
                    millrace.AddConsumer(
                        $"idle-{i}", EventFilter.OfTypes("order.line-added"), static (_, _) => ValueTask.CompletedTask);
            }
        );
    }
}
