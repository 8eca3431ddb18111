namespace Millrace.Benchmarks.Harness;

/// <summary>
/// Rounds of Millrace and of the raw comparison. They are measured in turn, so that changes of the machine affect both.
/// </summary>
internal sealed record PairedRounds(IReadOnlyList<Round> Raw, IReadOnlyList<Round> Millrace)
{
    // The runtime recompiles frequently called methods. Until then, neither Millrace nor the comparison reaches full
    // speed.
    private const int WarmUpRounds = 2;

    public Round MedianRaw => Median(Raw);

    public Round MedianMillrace => Median(Millrace);

    /// <summary>
    /// Measures raw and Millrace rounds in turn, after warm-up rounds of each. A run with a single round has no
    /// warm-up.
    /// </summary>
    public static Task<PairedRounds> RunAlternating(
        int rounds,
        Func<int, Task<Round>> raw,
        Func<int, Task<Round>> millrace) => RunAlternating(WarmUpRoundsFor(rounds), rounds, raw, millrace);

    /// <summary>Returns the number of warm-up rounds of Millrace and of the comparison.</summary>
    public static int WarmUpRoundsFor(int rounds) => rounds > 1 ? WarmUpRounds : 0;

    /// <summary>Measures with a given number of warm-up rounds.</summary>
    public static async Task<PairedRounds> RunAlternating(
        int warmUps, int rounds, Func<int, Task<Round>> raw, Func<int, Task<Round>> millrace)
    {
        var (rawRounds, millraceRounds) = (new List<Round>(), new List<Round>());
        for (var round = 0; round < warmUps + rounds; round++)
        {
            var rawRound = await raw(round);
            var millraceRound = await millrace(round);
            if (round < warmUps)
                continue;
            rawRounds.Add(rawRound);
            millraceRounds.Add(millraceRound);
        }
        return new PairedRounds(rawRounds, millraceRounds);
    }

    private static Round Median(IReadOnlyList<Round> rounds) =>
        rounds.OrderBy(round => round.PerSecond).ElementAt(rounds.Count / 2);
}
