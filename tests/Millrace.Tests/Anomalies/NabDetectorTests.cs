using Xunit.Abstractions;

namespace Millrace.Tests.Anomalies;

/// <summary>The score of the detector in the benchmark, with the settings that it always has.</summary>
public sealed class NabDetectorTests(ITestOutputHelper output)
{
    [NabFact]
    public void The_detector_scores_at_least_65()
    {
        var files = NabData.Read();
        var scores = files.AsParallel().AsOrdered()
            .Select(series => (Series: series, Score: NabScorer.Score(series, Detections(series), 0.5)))
            .ToArray();
        foreach (var group in scores.GroupBy(file => file.Series.Group))
        {
            var raw = group.Sum(file => file.Score.Raw);
            var windows = group.Sum(file => file.Series.Windows.Count);
            var normalised = windows == 0 ? 0 : NabScorer.Normalise(group.Select(file => file.Series), raw);
            var falsePositives = group.Sum(file => file.Score.FalsePositives);
            var inside = group.Sum(file => file.Score.TruePositives);
            output.WriteLine(
                $"{group.Key}: {normalised:0.0}, {windows} windows, {inside} reports inside, {falsePositives} outside");
        }
        var total = NabScorer.Normalise(files, scores.Sum(file => file.Score.Raw));
        output.WriteLine($"all: {total:0.0}");
        Assert.InRange(total, 65, 100);
    }

    private static double[] Detections(NabSeries series)
    {
        var detector = new AnomalyDetector();
        return
        [
            .. series.Values.Select((value, row) => detector.Add(series.Times[row], value).IsAnomaly ? 1.0 : 0.0)
        ];
    }
}
