using Millrace.Consuming;
using Millrace.Queries;
using Millrace.Tuning;

namespace Millrace.Tests.Load;

/// <summary>Tests of trials, which a tuning run must not leave behind, and of their statistics.</summary>
public sealed class LoadTrialTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void A_trial_that_nobody_keeps_alive_expires()
    {
        var trial = new LoadTrial(1, 1, _clock);
        var queries = new QueryTrial(bypassesCache: true, _clock);
        var processor = new EventHandlerProcessor(
            ConsumerDefinition.Each("clerk", EventFilter.All, static (_, _) => ValueTask.CompletedTask),
            EventTypeMap.Empty,
            static () => 4)
        {
            Trial = trial,
        };

        _clock.Advance(LoadTrial.Expiry - TimeSpan.FromSeconds(1));
        trial.KeepAlive();
        queries.KeepAlive();
        _clock.Advance(LoadTrial.Expiry);
        Assert.Same(trial, processor.Trial);
        Assert.False(queries.IsOver);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(processor.Trial);
        Assert.True(queries.IsOver);
    }

    [Fact]
    public void Batches_with_other_settings_are_not_measured()
    {
        var earlier = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var trial = new LoadTrial(10, 1, _clock);
        Assert.False(trial.IsEffective);

        trial.Report(8, earlier, lag: 100); // Started before.
        Assert.True(trial.IsEffective);
        var startedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        trial.Report(1_000, startedAt, lag: 100); // A page of the consumer's own size.
        trial.Report(9, startedAt, lag: 100);

        Assert.Equal([new TrialBatch(TimeSpan.FromMilliseconds(20), 9, IsFull: true)], trial.TakeBatches());
    }

    [Fact]
    public void Only_batches_that_the_setting_limits_count()
    {
        var trial = new LoadTrial(10, 1, _clock);
        trial.Report(1, _clock.GetTimestamp(), lag: 0); // The first may have other settings.
        var startedAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(1));

        trial.Report(10, startedAt, lag: 1);
        trial.Report(10, startedAt, lag: 0); // Everything that waited: more events would not have been slower.
        trial.Report(3, startedAt, lag: 9);
        trial.Report(2, startedAt, lag: 10); // Of a consumer whose filter matches few events.
        var sample = new TuningSample(trial.TakeBatches(), new Dictionary<string, IReadOnlyList<TimeSpan>>());
        var idle = new TuningSample(
            [new TrialBatch(TimeSpan.FromSeconds(1), 100, IsFull: false)],
            new Dictionary<string, IReadOnlyList<TimeSpan>>());

        Assert.Equal([true, false, false, true], sample.Batches.Select(static batch => batch.IsFull));
        Assert.Equal(25, sample.Events);
        Assert.Equal(6.0, sample.EventsPerSecond);
        Assert.Null(idle.EventsPerSecond);
        Assert.Equal(100.0, idle.PresentRate);
    }

    [Theory]
    [InlineData(new[] { 200.0, 210, 190, 205 }, TuningVerdict.Gains)]
    [InlineData(new[] { 100.0, 102, 99, 101 }, TuningVerdict.Nothing)]
    [InlineData(new[] { 50.0, 52, 49, 51 }, TuningVerdict.Costs)]
    [InlineData(new[] { 100.0, 300, 60, 200 }, TuningVerdict.Unclear)]
    public void A_verdict_follows_from_the_interval_of_confidence(double[] values, TuningVerdict expected)
    {
        var ratio = TuningStatistics.Compare([.. values.Cast<double?>()], [100, 101, 99, 100])!;

        Assert.Equal(expected, ratio.Verdict);
        Assert.InRange(ratio.Value, ratio.Low, ratio.High);
    }

    [Fact]
    public void A_load_that_changes_slowly_is_no_noise()
    {
        var ratio = TuningStatistics.Compare([200, 400, 100, 800], [100, 200, 50, 400])!;

        Assert.Equal((2, TuningVerdict.Gains), (Math.Round(ratio.Value, 6), ratio.Verdict));
        Assert.Null(TuningStatistics.Compare([200, null], [100, 100]));
    }

    [Fact]
    public void A_percentile_counts_each_event_of_a_batch()
    {
        (TimeSpan, int)[] batches =
        [
            (TimeSpan.FromSeconds(3), 98), (TimeSpan.FromSeconds(1), 1), (TimeSpan.FromSeconds(9), 1),
        ];

        Assert.Equal(TimeSpan.FromSeconds(3), TuningStatistics.Percentile(batches, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(3), TuningStatistics.Percentile(batches, 0.99));
        Assert.Equal(TimeSpan.FromSeconds(9), TuningStatistics.Percentile(batches, 1));
        Assert.Null(TuningStatistics.Percentile([], 0.5));
    }

    /// <summary>A clock whose timestamps a test advances.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
