namespace Millrace.Tests.Anomalies;

public sealed class AnomalyDetectorTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(15);

    [Fact]
    public void A_spike_in_a_seasonal_series_is_found_at_once()
    {
        var values = Seasonal(2_500, seed: 1);
        values[2_000] += 40;
        var results = Run(values);
        Assert.True(results[2_000].IsAnomaly);
        Assert.Equal(AnomalySignal.Value, results[2_000].Signal);
        Assert.InRange(results[2_000].Score, 0.5, 1);
        var expected = results[2_000].Expected!.Value; // The detector has seen three weeks.
        Assert.True(expected.Lower <= expected.Value && expected.Value <= expected.Upper);
        Assert.True(values[2_000] > expected.Upper);
        Assert.InRange(expected.Value, Daily(2_000) - 5, Daily(2_000) + 5);
    }

    [Fact]
    public void Noise_with_a_season_gives_few_anomalies()
    {
        var results = Enumerable.Range(0, 10).SelectMany(seed => Run(Seasonal(2_500, seed)));
        Assert.InRange(results.Count(result => result.IsAnomaly), 0, 20);
    }

    [Fact]
    public void A_missing_daily_peak_is_found_on_the_same_day()
    {
        var values = Seasonal(2_500, seed: 2);
        for (var i = 2_016; i < 2_112; i++)
            values[i] = 80 + values[i] - Daily(i);
        var first = Array.FindIndex(Run(values), 2_016, result => result.IsAnomaly);
        Assert.InRange(first, 2_016, 2_111);
    }

    [Theory]
    [InlineData(1_000, 30, 1)] // Less than a twentieth of 1,030 values.
    [InlineData(1_000, 60, 2)]
    [InlineData(4_000, 60, 1)]
    [InlineData(4_000, 148, 2)] // More than 12 hours of 5 minutes each.
    public void Two_spikes_are_one_anomaly_if_they_are_close_for_the_length_of_the_series(int row, int apart, int count)
    {
        var values = Noise(row + apart + 1, seed: 11);
        values[row] += 200;
        values[row + apart] += 1_000;
        var detector = new AnomalyDetector();
        var results = values.Select((value, i) => detector.Add(Start.AddMinutes(5 * i), value)).ToArray();
        Assert.True(results[row].IsAnomaly);
        Assert.InRange(results[row + apart].Score, 0.5, 1);
        Assert.Equal(count, results[row..].Count(result => result.IsAnomaly));
    }

    [Fact]
    public void A_series_that_stops_varying_is_found()
    {
        var values = Noise(2_000, seed: 3);
        values.AsSpan(1_500).Fill(values[1_499]);
        var results = Run(values);
        var first = Array.FindIndex(results, 1_500, result => result.IsAnomaly);
        Assert.InRange(first, 1_500, 1_550);
        Assert.Equal(AnomalySignal.Stillness, results[first].Signal);
    }

    [Fact]
    public void A_constant_series_has_no_anomaly()
    {
        foreach (var value in (double[])[0, 0.1, -3, 1e12, double.MaxValue])
        {
            var values = new double[3_000];
            values.AsSpan().Fill(value);
            Assert.All(Run(values), result => Assert.Equal((0, false), (result.Score, result.IsAnomaly)));
        }
    }

    [Fact]
    public void The_range_of_counts_is_not_negative()
    {
        var values = Noise(1_500, seed: 4).Select(value => Math.Floor(Math.Abs(value) / 8)).ToArray();
        Assert.All(Run(values), result => Assert.True(result.Expected is not { } range || range.Lower >= 0));
    }

    [Fact]
    public void Scores_are_numbers_from_0_to_1_whatever_the_values_are()
    {
        double[] odd = [double.NaN, double.PositiveInfinity, double.MinValue, double.MaxValue, double.Epsilon, 0];
        var random = new Random(5);
        var (detector, time) = (new AnomalyDetector(), Start);
        for (var i = 0; i < 5_000; i++)
        {
            time += TimeSpan.FromMinutes(random.Next(-5, 600));
            var usual = random.NextDouble() * Math.Pow(10, i % 300);
            var value = random.Next(4) == 0 ? odd[random.Next(odd.Length)] : usual;
            var result = detector.Add(time, value);
            Assert.InRange(result.Score, 0, 0.999999);
            Assert.True(result.Expected is not { } range || double.IsFinite(range.Lower + range.Value + range.Upper));
        }
    }

    [Fact]
    public void Missing_values_change_nothing()
    {
        var (with, without) = (new AnomalyDetector(), new AnomalyDetector());
        var values = Seasonal(1_000, seed: 6);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.False(with.Add(TimeOf(i), double.NaN).IsAnomaly);
            Assert.Equal(without.Add(TimeOf(i), values[i]), with.Add(TimeOf(i), values[i]));
        }
    }

    [Fact]
    public void The_unit_and_the_zero_of_the_values_do_not_matter()
    {
        var values = Seasonal(2_000, seed: 7);
        values[1_700] += 60;
        var plain = Run(values);
        foreach (var (scale, shift) in ((double, double)[])[(1_000, 0), (0.001, 0), (1, 5_000), (-7, 100)])
        {
            var other = Run([.. values.Select(value => scale * value + shift)]);
            Assert.All(plain.Zip(other), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-6));
            Assert.Equal(plain.Select(result => result.IsAnomaly), other.Select(result => result.IsAnomaly));
        }
    }

    [Fact]
    public void A_loaded_detector_continues_with_the_same_results()
    {
        var values = Seasonal(2_500, seed: 8);
        values[2_222] -= 50;
        var expected = Run(values);
        var (random, detector) = (new Random(8), new AnomalyDetector());
        for (var i = 0; i < values.Length; i++)
        {
            if (random.Next(20) == 0 || i is 0 or 1)
                detector = AnomalyDetector.Load(detector.Save());
            Assert.Equal(expected[i], detector.Add(TimeOf(i), values[i]));
        }
    }

    [Fact]
    public void The_state_has_a_fixed_size()
    {
        var detector = new AnomalyDetector();
        var values = Seasonal(12_000, seed: 9);
        for (var i = 0; i < values.Length; i++)
            detector.Add(TimeOf(i), values[i]);
        Assert.InRange(detector.Save().Length, 1, 80 * 1024);
    }

    [Fact]
    public void A_damaged_state_is_refused()
    {
        var detector = new AnomalyDetector();
        detector.Add(Start, 1);
        var state = detector.Save();
        Assert.Throws<AnomalyStateException>(() => AnomalyDetector.Load(ReadOnlyMemory<byte>.Empty));
        Assert.Throws<AnomalyStateException>(() => AnomalyDetector.Load(state.AsMemory(0, state.Length - 1)));
        Assert.Throws<AnomalyStateException>(() => AnomalyDetector.Load((byte[])[.. state, 0]));
        var error = Assert.Throws<AnomalyStateException>(() => AnomalyDetector.Load((byte[])[9, .. state[1..]]));
        Assert.Contains("version", error.Problem, StringComparison.Ordinal);
        var random = new Random(10);
        for (var i = 0; i < 300; i++)
        {
            var damaged = state.ToArray();
            random.NextBytes(damaged.AsSpan(1 + random.Next(state.Length / 8) * 8, 8));
            Assert.True(IsRefusedOrWorks(damaged));
        }
    }

    private static bool IsRefusedOrWorks(byte[] state)
    {
        try
        {
            return double.IsFinite(AnomalyDetector.Load(state).Add(Start, 2).Score);
        }
        catch (AnomalyStateException)
        {
            return true;
        }
    }

    private static AnomalyResult[] Run(double[] values)
    {
        var detector = new AnomalyDetector();
        return [.. values.Select((value, i) => detector.Add(TimeOf(i), value))];
    }

    private static DateTimeOffset TimeOf(int i) => Start + i * Step;

    private static double Daily(int i) => 100 + 20 * Math.Sin(2 * Math.PI * i / 96);

    private static double[] Seasonal(int count, int seed)
        => [.. Noise(count, seed).Select((noise, i) => Daily(i) + noise / 10)];

    private static double[] Noise(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => 10 * (random.NextDouble() + random.NextDouble() - 1))];
    }
}
