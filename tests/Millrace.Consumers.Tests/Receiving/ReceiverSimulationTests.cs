using System.Globalization;

namespace Millrace.Tests.Receiving;

/// <summary>
/// Thousands of schedules of crashes, repetitions, delays and reorderings of messages; a seed that fails is told, and plays again.
/// </summary>
public sealed class ReceiverSimulationTests
{
    private const string Variable = "MILLRACE_SEED";
    private const int MostSeedsOfAFault = 100;
    private static readonly int Seeds = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 10_000 : 300;

    public static TheoryData<string> Faults => [.. Enum.GetNames<ReceivingFault>().Where(name => name != nameof(ReceivingFault.None))];

    [Fact]
    public async Task Whatever_dies_comes_again_or_late_each_message_has_its_effect_once_and_in_the_order_of_its_key()
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        var seeds = given is null ? Enumerable.Range(1, Seeds) : [int.Parse(given, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            if (await ProblemOf(seed, ReceivingFault.None) is { } problem)
                Assert.Fail($"{Variable}={seed} ./test --only ReceiverSimulation plays it again: {problem}");
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_planted_fault_is_found_and_its_seed_plays_again(string name)
    {
        var fault = Enum.Parse<ReceivingFault>(name);
        for (var seed = 1; seed <= MostSeedsOfAFault; seed++)
        {
            if (await ProblemOf(seed, fault) is not { } problem)
                continue;
            var again = await ProblemOf(seed, fault);
            Assert.Equal(problem.Message, again?.Message);
            return;
        }
        Assert.Fail($"{name} was not found by {MostSeedsOfAFault} seeds.");
    }

    [Fact]
    public async Task A_seed_plays_the_same_again()
    {
        foreach (var seed in Enumerable.Range(1, 20))
            Assert.Equal(await Play(seed), await Play(seed));
    }

    /// <summary>Without a context of the test's, so that what goes on does so where it was told to.</summary>
    private static Task<IReadOnlyList<string>> Play(int seed) => Task.Run(async () =>
    {
        await using var simulation = new ReceiverSimulation(seed);
        await simulation.Run();
        return simulation.Transcript;
    });

    private static Task<Exception?> ProblemOf(int seed, ReceivingFault fault) => Task.Run(async () =>
    {
        try
        {
            await using var simulation = new ReceiverSimulation(seed, fault);
            await simulation.Run();
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception;
        }
    });
}
