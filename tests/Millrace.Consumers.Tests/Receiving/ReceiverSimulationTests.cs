namespace Millrace.Tests.Receiving;

/// <summary>
/// Runs thousands of schedules of crashes, repetitions, delays and reorderings of messages. A failing seed is reported
/// and can be replayed.
/// </summary>
public sealed class ReceiverSimulationTests
{
    private readonly SeededRuns<ReceivingFault> _runs = new("ReceiverSimulation", async (seed, fault) =>
    {
        await using var simulation = new ReceiverSimulation(seed, fault);
        await simulation.Run();
        return simulation.Transcript;
    });

    public static TheoryData<string> Faults => SeededRuns<ReceivingFault>.Faults;

    [Fact]
    public Task Each_message_has_its_effect_once_in_key_order_despite_crashes_repetitions_and_delays() =>
        _runs.PassAll();

    [Theory]
    [MemberData(nameof(Faults))]
    public Task An_injected_fault_is_found_and_its_seed_replays(string name) => _runs.Find(name);

    [Fact]
    public Task A_seed_replays_identically() => _runs.ReplaySeed();
}
