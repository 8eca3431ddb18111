namespace Millrace.Benchmarks.Harness;

/// <summary>The result of one benchmark.</summary>
/// <param name="Name">The name.</param>
/// <param name="Unit">The unit of <paramref name="Millrace"/> and <paramref name="Raw"/>.</param>
/// <param name="Millrace">The figure with Millrace.</param>
/// <param name="Raw">The figure of the comparison without Millrace, or null when there is no comparison.</param>
/// <param name="Ratio">The figure of Millrace divided by the raw figure. For an absolute goal, the goal divided by the
/// figure. Higher is better.</param>
/// <param name="P50Ms">The median duration of an operation in milliseconds; null when single operations are not
/// measured.</param>
/// <param name="P95Ms">The 95th percentile.</param>
/// <param name="P99Ms">The 99th percentile.</param>
/// <param name="BytesPerOp">Managed memory allocated per operation; null when it is not meaningful.</param>
/// <param name="Met">True when the goal is met.</param>
/// <param name="Note">The cost breakdown when the goal is missed, or an explanation of the figure.</param>
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
    /// Returns the result of Millrace and a comparison that were measured in turn. It contains the median rates and,
    /// when the goal is missed, the costs of both.
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

    /// <summary>Returns a result with an absolute upper limit as its goal.</summary>
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
