namespace Millrace.Tests.Processes;

/// <summary>Thousands of schedules of crashes, repetitions, delays and reorderings; a seed that fails is told, and
/// plays again.</summary>
public sealed class ProcessSimulationTests
{
    private readonly SeededRuns<InjectedFault> _runs = new("ProcessSimulation", async (seed, fault) =>
    {
        await using var simulation = new ProcessSimulation(seed, fault);
        await simulation.Run();
        return simulation.Transcript;
    });

    public static TheoryData<string> Faults => SeededRuns<InjectedFault>.Faults;

    [Fact]
    public Task Whatever_dies_comes_again_or_out_of_order_each_step_happens_once_and_each_trade_ends() =>
        _runs.PassAll();

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_planted_fault_is_found_and_its_seed_plays_again(string name) => _runs.Find(name);

    [Fact]
    public Task A_seed_plays_the_same_again() => _runs.ReplaySeed();
}
