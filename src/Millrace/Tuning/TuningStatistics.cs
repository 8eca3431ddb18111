using Millrace.Consuming;

namespace Millrace.Tuning;

/// <summary>Compares measurements of two settings that were taken in turns.</summary>
internal static class TuningStatistics
{
    private const double MinGain = 1.05;
    private const double MaxNothing = 1.15;

    // Student's t for 95 % and one degree of freedom more with each value.
    private static readonly double[] T =
        [12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10];

    /// <summary>
    /// Returns the ratio of two series with one value per round each; null for less than two rounds with both values.
    /// The values of a round are compared with each other, so that a load that changes slowly is no noise.
    /// </summary>
    public static TuningRatio? Compare(IReadOnlyList<double?> values, IReadOnlyList<double?> baseline)
    {
        var logarithms = values
            .Zip(baseline, static (value, known) => Math.Log((value / known) ?? 0))
            .Where(double.IsFinite)
            .ToList();
        if (logarithms.Count < 2)
            return null;
        var mean = logarithms.Average();
        var t = T[Math.Min(logarithms.Count - 2, T.Length - 1)];
        var half = t * Deviation(logarithms) / Math.Sqrt(logarithms.Count);
        var (low, high) = (Math.Exp(mean - half), Math.Exp(mean + half));
        return new TuningRatio(Math.Exp(mean), low, high, VerdictOf(low, high));
    }

    /// <summary>Returns the relative deviation of the values of a setting between rounds; null for too few.</summary>
    public static double? Noise(IReadOnlyList<double?> values)
    {
        var logarithms = values
            .OfType<double>()
            .Where(static value => value > 0)
            .Select(static value => Math.Log(value))
            .ToList();
        return logarithms.Count < 2 ? null : Deviation(logarithms);
    }

    /// <summary>Returns a percentile of durations, each of which counts as often as its weight.</summary>
    public static TimeSpan? Percentile(IEnumerable<(TimeSpan Duration, int Weight)> durations, double share)
    {
        var sorted = durations.OrderBy(static one => one.Duration).ToList();
        var rest = (long)Math.Ceiling(sorted.Sum(static one => (long)one.Weight) * share);
        foreach (var (duration, weight) in sorted)
        {
            rest -= weight;
            if (rest <= 0)
                return duration;
        }
        return null;
    }

    /// <summary>
    /// Returns a percentile of the durations of batches, each of which counts as often as it has events.
    /// </summary>
    public static TimeSpan? BatchPercentile(IEnumerable<TrialBatch> batches, double share) =>
        Percentile(batches.Select(static batch => (batch.Duration, batch.Events)), share);

    private static TuningVerdict VerdictOf(double low, double high) =>
        low >= MinGain ? TuningVerdict.Gains
        : high <= 1 / MinGain ? TuningVerdict.Costs
        : low >= 1 / MaxNothing && high <= MaxNothing ? TuningVerdict.Nothing
        : TuningVerdict.Unclear;

    private static double Deviation(List<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
