namespace Millrace.Benchmarks.Harness;

/// <summary>What one benchmark found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Unit">What <paramref name="Millrace"/> and <paramref name="Raw"/> are measured in.</param>
/// <param name="Millrace">What was measured with Millrace.</param>
/// <param name="Raw">What was measured without; null where there is nothing to compare with.</param>
/// <param name="Ratio">Millrace in relation to raw; where the goal is absolute, the goal in relation to what was
/// measured. More is better.</param>
/// <param name="P50Ms">What half of the operations took at most, in milliseconds; null where only the
/// whole is of interest.</param>
/// <param name="P95Ms">What 95 of 100 took at most.</param>
/// <param name="P99Ms">What 99 of 100 took at most.</param>
/// <param name="BytesPerOp">Managed memory allocated per operation; null where it says nothing.</param>
/// <param name="Goal">What <paramref name="Ratio"/> must reach.</param>
/// <param name="Met">Whether the goal is met.</param>
/// <param name="Note">Where the time goes, when it is not; or how to read the figure.</param>
internal sealed record BenchmarkResult(
    string Name,
    string Unit,
    double Millrace,
    double? Raw,
    double Ratio,
    double? P50Ms,
    double? P95Ms,
    double? P99Ms,
    double? BytesPerOp,
    double Goal,
    bool Met,
    string? Note)
{
    /// <summary>
    /// The result of two sides measured in turn: the medians of their rates; with what each spends, where
    /// the goal is missed.
    /// </summary>
    public static BenchmarkResult OfRates(string name, string unit, PairedRounds rounds, double goal)
    {
        var millrace = rounds.MedianMillrace;
        var ratio = millrace.PerSecond / rounds.MedianRaw.PerSecond;
        return new BenchmarkResult(
            name,
            unit,
            millrace.PerSecond,
            rounds.MedianRaw.PerSecond,
            ratio,
            millrace.Latencies?.Percentile(0.50),
            millrace.Latencies?.Percentile(0.95),
            millrace.Latencies?.Percentile(0.99),
            millrace.BytesPerOperation,
            goal,
            ratio >= goal,
            ratio >= goal ? null : $"Millrace: {millrace.Costs}. Raw: {rounds.MedianRaw.Costs}.");
    }

    /// <summary>A result with an absolute goal, of which less is better.</summary>
    public static BenchmarkResult OfLimit(
        string name, string unit, double measured, double? raw, double limit, Latencies? latencies = null) =>
        new(
            name,
            unit,
            measured,
            raw,
            limit / measured,
            latencies?.Percentile(0.50),
            latencies?.Percentile(0.95),
            latencies?.Percentile(0.99),
            BytesPerOp: null,
            Goal: 1,
            Met: measured <= limit,
            Note: null);
}
