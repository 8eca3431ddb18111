namespace Millrace.Tests.Anomalies;

/// <summary>
/// Scores detections as the Numenta Anomaly Benchmark does, in its standard profile. A null detector gets 0, a perfect
/// one 100.
/// </summary>
internal static class NabScorer
{
    private const double FalsePositiveWeight = 0.11;
    private const double FarBehind = 3;
    private static readonly double Earliest = Sigmoid(-1);

    /// <summary>Scores one file. A row is a detection if its anomaly score reaches the threshold.</summary>
    public static NabScore Score(NabSeries series, IReadOnlyList<double> scores, double threshold)
    {
        var best = new double?[series.Windows.Count];
        var (raw, truePositives, falsePositives, next, previous) = (0.0, 0, 0, 0, -1);
        var (inside, rows) = (0, 0);
        for (var row = 0; row < scores.Count; row++)
        {
            while (next < series.Windows.Count && series.Windows[next].Last < row)
                previous = next++;
            if (row < series.FirstScored)
                continue;
            var isInside = next < series.Windows.Count && series.Windows[next].First <= row;
            rows++;
            inside += isInside ? 1 : 0;
            if (scores[row] < threshold)
                continue;
            if (isInside)
            {
                truePositives++;
                best[next] = Math.Max(best[next] ?? -1, Reward(series.Windows[next], row));
            }
            else
            {
                falsePositives++;
                raw += FalsePositiveWeight * (previous < 0 ? -1 : Sigmoid(Behind(series.Windows[previous], row)));
            }
        }
        raw += best.Sum(reward => reward ?? -1);
        return new(raw, truePositives, rows - inside - falsePositives, falsePositives, inside - truePositives);
    }

    /// <summary>Returns the score of several files, where null is 0 and perfect is 100.</summary>
    public static double Normalise(IEnumerable<NabSeries> series, double raw)
    {
        var windows = series.Sum(file => file.Windows.Count);
        return 100 * (raw + windows) / (2 * windows);
    }

    /// <summary>Returns the threshold with the best sum over all files, and this sum.</summary>
    public static (double Threshold, double Raw) Optimise(IReadOnlyList<(NabSeries Series, double[] Scores)> files)
    {
        var candidates = files.SelectMany(file => file.Scores.Skip(file.Series.FirstScored)).Distinct()
            .OrderDescending().Take(2_000).Prepend(1.1);
        return candidates
            .Select(threshold => (threshold, files.Sum(file => Score(file.Series, file.Scores, threshold).Raw)))
            .MaxBy(found => found.Item2);
    }

    private static double Reward(NabWindow window, int row)
        => Sigmoid(-(window.Last - row + 1) / (double)(window.Last - window.First + 1)) / Earliest;

    private static double Behind(NabWindow window, int row)
        => (row - window.Last) / (double)(window.Last - window.First);

    private static double Sigmoid(double position) => position > FarBehind ? -1 : 2 / (1 + Math.Exp(5 * position)) - 1;
}
