using System.Globalization;

namespace Millrace.Tests;

/// <summary>Runs a simulation by seeds; a failing seed is reported and can be replayed.</summary>
/// <param name="name">The name of its tests, which selects a seed to replay.</param>
/// <param name="play">Runs a seed with an injected fault, and returns the history.</param>
internal sealed class SeededRuns<TFault>(string name, Func<int, TFault, Task<IReadOnlyList<string>>> play)
    where TFault : struct, Enum
{
    private const string Variable = "MILLRACE_SEED";
    private const int MaxSeedsPerFault = 100;
    private static readonly int Seeds = Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? 10_000 : 300;

    /// <summary>The faults that can be injected: all except the first, which is none.</summary>
    public static TheoryData<string> Faults =>
        [.. Enum.GetNames<TFault>().Where(fault => fault != default(TFault).ToString())];

    public async Task PassAll()
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        var seeds = given is null ? Enumerable.Range(1, Seeds) : [int.Parse(given, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            if (await ProblemOf(seed, default) is { } problem)
                Assert.Fail($"{Variable}={seed} ./test --only {name} plays it again: {problem}");
        }
    }

    public async Task Find(string planted)
    {
        var fault = Enum.Parse<TFault>(planted);
        for (var seed = 1; seed <= MaxSeedsPerFault; seed++)
        {
            if (await ProblemOf(seed, fault) is not { } problem)
                continue;
            var again = await ProblemOf(seed, fault);
            Assert.Equal(problem.Message, again?.Message);
            return;
        }
        Assert.Fail($"{planted} was not found by {MaxSeedsPerFault} seeds.");
    }

    public async Task ReplaySeed()
    {
        foreach (var seed in Enumerable.Range(1, 20))
            Assert.Equal(await Play(seed, default), await Play(seed, default));
    }

    /// <summary>Without the synchronization context of the test, so that continuations run where they were
    /// scheduled.</summary>
    private Task<IReadOnlyList<string>> Play(int seed, TFault fault) => Task.Run(() => play(seed, fault));

    private async Task<Exception?> ProblemOf(int seed, TFault fault)
    {
        try
        {
            await Play(seed, fault);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return exception;
        }
    }
}
