using System.Globalization;

namespace Millrace.Tests;

/// <summary>Runs a simulation with many seeds. A failing seed is reported and can be replayed.</summary>
/// <param name="name">The name of the test class, which the command to replay a seed contains.</param>
/// <param name="play">Runs a seed with an injected fault and returns the transcript.</param>
internal sealed class SeededRuns<TFault>(string name, Func<int, TFault, Task<IReadOnlyList<string>>> play)
    where TFault : struct, Enum
{
    private const string Variable = "MILLRACE_SEED";
    private const int MaxSeedsPerFault = 100;
    private static readonly int Seeds = TestRun.IsLong ? 10_000 : 150;

    /// <summary>Gets the names of all faults except the first, which means no fault.</summary>
    public static TheoryData<string> Faults =>
        [.. Enum.GetNames<TFault>().Where(fault => fault != default(TFault).ToString())];

    public async Task PassAll()
    {
        var requested = Environment.GetEnvironmentVariable(Variable);
        var seeds = requested is null
            ? Enumerable.Range(1, Seeds)
            : [int.Parse(requested, CultureInfo.InvariantCulture)];
        foreach (var seed in seeds)
        {
            if (await ProblemOf(seed, default) is { } problem)
                Assert.Fail($"{Variable}={seed} ./test --only {name} replays it: {problem}");
        }
    }

    public async Task Find(string faultName)
    {
        var fault = Enum.Parse<TFault>(faultName);
        for (var seed = 1; seed <= MaxSeedsPerFault; seed++)
        {
            if (await ProblemOf(seed, fault) is not { } problem)
                continue;
            var again = await ProblemOf(seed, fault);
            Assert.Equal(problem.Message, again?.Message);
            return;
        }
        Assert.Fail($"{faultName} was not found by {MaxSeedsPerFault} seeds.");
    }

    public async Task ReplaySeed()
    {
        foreach (var seed in Enumerable.Range(1, 20))
            Assert.Equal(await Play(seed, default), await Play(seed, default));
    }

    /// <summary>
    /// Runs a seed without the synchronization context of the test, so that continuations run on the thread that
    /// completes their task.
    /// </summary>
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
