namespace Millrace.Benchmarks.Harness;

/// <summary>Rounds of both sides, measured in turn, so that what drifts on the machine drifts for both.</summary>
internal sealed record PairedRounds(IReadOnlyList<Round> Raw, IReadOnlyList<Round> Millrace)
{
    // The runtime compiles what is called often a second and a third time: until then neither side shows its speed.
    private const int WarmUpRounds = 2;

    public Round MedianRaw => Median(Raw);

    public Round MedianMillrace => Median(Millrace);

    /// <summary>
    /// Measures raw, Millrace, raw, Millrace … after rounds of each that only warm up, unless there is but one to see
    /// that it runs.
    /// </summary>
    public static Task<PairedRounds> RunAlternating(
        int rounds,
        Func<int, Task<Round>> raw,
        Func<int, Task<Round>> millrace) => RunAlternating(WarmUpRoundsFor(rounds), rounds, raw, millrace);

    /// <summary>How many rounds of each side warm up before so many that count.</summary>
    public static int WarmUpRoundsFor(int rounds) => rounds > 1 ? WarmUpRounds : 0;

    /// <summary>The same after as many rounds as are wanted that only warm up.</summary>
    public static async Task<PairedRounds> RunAlternating(
        int warmUps, int rounds, Func<int, Task<Round>> raw, Func<int, Task<Round>> millrace)
    {
        var (rawRounds, millraceRounds) = (new List<Round>(), new List<Round>());
        for (var round = 0; round < warmUps + rounds; round++)
        {
            var one = await raw(round);
            var other = await millrace(round);
            if (round < warmUps)
                continue;
            rawRounds.Add(one);
            millraceRounds.Add(other);
        }
        return new PairedRounds(rawRounds, millraceRounds);
    }

    private static Round Median(IReadOnlyList<Round> rounds) =>
        rounds.OrderBy(round => round.PerSecond).ElementAt(rounds.Count / 2);
}
