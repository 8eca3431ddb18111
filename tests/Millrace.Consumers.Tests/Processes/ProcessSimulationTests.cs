using System.Globalization;

namespace Millrace.Tests.Processes;

/// <summary>Thousands of schedules of crashes, repetitions, delays and reorderings; a seed that fails is told, and plays again.</summary>
public sealed class ProcessSimulationTests
{
    private const string Variable = "MILLRACE_SEED";
    private static readonly int Seeds = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 10_000 : 300;

    [Fact]
    public async Task Whatever_dies_comes_again_or_out_of_order_each_step_happens_once_and_each_trade_ends()
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        var seeds = given is null ? Enumerable.Range(1, Seeds) : [int.Parse(given, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            try
            {
                await using var simulation = new ProcessSimulation(seed);
                await simulation.Run();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Assert.Fail($"{Variable}={seed} ./test --only ProcessSimulation plays it again: {exception}");
            }
        }
    }
}
