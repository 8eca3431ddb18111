namespace Millrace.Tests.Anomalies;

public sealed class NabScorerTests
{
    [NabFact]
    public void Published_scores_of_rows_give_the_published_scores_of_files()
    {
        var rows = NabData.PublishedRows("windowedGaussian");
        var files = NabData.Read().ToDictionary(series => series.Name, StringComparer.Ordinal);
        var (raw, compared) = (0.0, 0);
        foreach (var (file, threshold, expected) in NabData.PublishedScores("windowedGaussian"))
        {
            if (!files.TryGetValue(file, out var series))
                continue;
            var actual = NabScorer.Score(series, [.. rows[file]], threshold);
            Assert.Equal(expected.Raw, actual.Raw, 1e-6);
            Assert.Equal(expected with { Raw = 0 }, actual with { Raw = 0 });
            raw += actual.Raw;
            compared++;
        }
        Assert.Equal(51, compared);
        Assert.Equal(36.2687, NabScorer.Normalise(files.Values, raw), 1e-3);
    }

    [NabFact]
    public void A_known_detector_gets_its_published_score()
    {
        var files = NabData.Read();
        var published = NabData.PublishedRows("windowedGaussian");
        var raw = 0.0;
        foreach (var series in files)
        {
            var detector = new WindowedGaussian();
            var scores = series.Values.Select(detector.Add).ToArray();
            var differences = scores.Zip(published[series.Name], (ours, theirs) => Math.Abs(ours - theirs));
            Assert.True(differences.Max() < 1e-3, $"{series.Name}: {differences.Max()}");
            raw += NabScorer.Score(series, [.. scores.Select(score => Math.Round(score, 12))], 1).Raw;
        }
        Assert.Equal(36.2687, NabScorer.Normalise(files, raw), 0.05);
    }

    [NabFact]
    public void No_detection_scores_0_and_one_at_the_start_of_each_window_100()
    {
        var files = NabData.Read();
        var nothing = files.Sum(series => NabScorer.Score(series, new double[series.Values.Count], 0.5).Raw);
        var perfect = files.Sum(series => NabScorer.Score(series, Perfect(series), 0.5).Raw);
        Assert.Equal(0, NabScorer.Normalise(files, nothing), 1e-9);
        Assert.Equal(100, NabScorer.Normalise(files, perfect), 1e-9);
    }

    [Fact]
    public void The_earliest_detection_in_a_window_counts_and_each_false_one_costs()
    {
        var series = new NabSeries(
            "group/file.csv", new DateTimeOffset[100], new double[100], [new NabWindow(50, 59)]);
        var scores = new double[100];
        scores[10] = scores[20] = 1; // The first lies in the 15 rows that do not count, the second before the window.
        Assert.Equal(new NabScore(-1.11, 0, 74, 1, 10), NabScorer.Score(series, scores, 0.5));
        scores[50] = scores[55] = 1;
        Assert.Equal(new NabScore(0.89, 2, 74, 1, 8), NabScorer.Score(series, scores, 0.5));
        scores[99] = 1; // Far behind the window.
        Assert.Equal(0.78, NabScorer.Score(series, scores, 0.5).Raw, 1e-9);
    }

    private static double[] Perfect(NabSeries series)
    {
        var scores = new double[series.Values.Count];
        foreach (var window in series.Windows)
            scores[window.First] = 1;
        return scores;
    }
}
