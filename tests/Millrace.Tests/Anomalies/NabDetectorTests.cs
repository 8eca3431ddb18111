using Xunit.Abstractions;

namespace Millrace.Tests.Anomalies;

/// <summary>The score of the detector in the benchmark, with the settings that it always has.</summary>
public sealed class NabDetectorTests(ITestOutputHelper output)
{
    /// <summary>The groups that determined the settings. realAdExchange is not one of them.</summary>
    private static readonly string[] DevelopmentGroups =
        ["artificialNoAnomaly", "artificialWithAnomaly", "realAWSCloudwatch", "realKnownCause", "realTweets"];

    [NabFact]
    public void The_detector_scores_at_least_65()
    {
        var scores = Score(NabData.Read());
        foreach (var group in scores.GroupBy(file => file.Series.Group))
            Write(group.Key, group);
        Assert.InRange(Write("all", scores), 65, 100);
    }

    [NabFact]
    public void Short_series_from_the_development_groups_score_at_least_60()
    {
        var files = NabData.Read(DevelopmentGroups)
            .SelectMany(file => new NabShortened(file, NabData.Labels(file)).Make())
            .ToArray();
        foreach (var kind in files.GroupBy(file => file.Kind, file => file.Series))
        {
            var scores = Score(kind);
            foreach (var group in scores.GroupBy(file => file.Series.Group))
                Write($"{kind.Key}, {group.Key}", group);
            Assert.InRange(Write(kind.Key, scores), 60, 100);
        }
    }

    private static (NabSeries Series, NabScore Score)[] Score(IEnumerable<NabSeries> files)
        => [.. files.AsParallel().AsOrdered().Select(series => (series, Score(series)))];

    private static NabScore Score(NabSeries series)
    {
        var detector = new AnomalyDetector();
        double[] detections =
        [
            .. series.Values.Select((value, row) => detector.Add(series.Times[row], value).IsAnomaly ? 1.0 : 0.0)
        ];
        return NabScorer.Score(series, detections, 0.5);
    }

    private double Write(string name, IEnumerable<(NabSeries Series, NabScore Score)> scores)
    {
        var files = scores.ToArray();
        var windows = files.Sum(file => file.Series.Windows.Count);
        var raw = files.Sum(file => file.Score.Raw);
        var normalised = windows == 0 ? 0 : NabScorer.Normalise(files.Select(file => file.Series), raw);
        output.WriteLine(
            $"{name}: {normalised:0.0}, {files.Length} files, {windows} windows, "
                + $"{files.Sum(file => file.Score.TruePositives)} reports inside, "
                + $"{files.Sum(file => file.Score.FalsePositives)} outside");
        return normalised;
    }
}
