namespace Millrace.Tests.Receiving;

/// <summary>
/// Thousands of schedules of crashes, repetitions, delays and reorderings of messages; a seed that fails is told, and
/// plays again.
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
    public Task Whatever_dies_comes_again_or_late_each_message_has_its_effect_once_and_in_the_order_of_its_key() =>
        _runs.PassAll();

    [Theory]
    [MemberData(nameof(Faults))]
    public Task A_planted_fault_is_found_and_its_seed_plays_again(string name) => _runs.Find(name);

    [Fact]
    public Task A_seed_plays_the_same_again() => _runs.ReplaySeed();
}
