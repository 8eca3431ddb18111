namespace Millrace.Tests.Processes;

/// <summary>
/// Runs thousands of schedules of crashes, repetitions, delays and reorderings. A failing seed is reported and can be
/// replayed.
/// </summary>
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
    public Task Each_step_happens_once_and_each_trade_ends_despite_crashes_repetitions_and_reordering() =>
        _runs.PassAll();

    [Theory]
    [MemberData(nameof(Faults))]
    public Task An_injected_fault_is_found_and_its_seed_replays(string name) => _runs.Find(name);

    [Fact]
    public Task A_seed_replays_identically() => _runs.ReplaySeed();
}
