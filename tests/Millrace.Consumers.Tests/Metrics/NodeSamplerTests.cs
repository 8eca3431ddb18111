using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Metrics;
using Millrace.Storage;

namespace Millrace.Tests.Metrics;

/// <summary>Tests the samples that a node takes of its instruments.</summary>
public sealed class NodeSamplerTests : IDisposable
{
    private const int MinSeries = 50;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly VirtualClock _clock = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Meter _meter;

    public NodeSamplerTests() => _meter = Meters.Create(MillraceTelemetry.MeterName);

    private IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public void Dispose() => _services.Dispose();

    [Fact]
    public void Rates_and_latencies_are_those_of_the_interval()
    {
        using var sampler = Sampler();
        var events = _meter.CreateCounter<long>("millrace.append.events");
        var commands = _meter.CreateHistogram<double>("millrace.command.duration");
        events.Add(70);
        for (var i = 1; i <= 1_000; i++)
            commands.Record(i / 1_000.0, Tag("millrace.command", i <= 900 ? "ship" : "cancel"));

        var first = Sample(sampler);
        var second = Sample(sampler);

        Assert.Equal(7, first[Key(MonitorMetrics.EventRate)]);
        Assert.Equal(100, first[Key(MonitorMetrics.CommandRate)]);
        Assert.Equal(10, first[Key(MonitorMetrics.CommandRate, "cancel")]);
        Assert.InRange(first[Key(MonitorMetrics.CommandLatency)], 955, 1_025);
        Assert.InRange(first[Key(MonitorMetrics.CommandLatency, "ship")], 860, 925);
        Assert.Equal(0, second[Key(MonitorMetrics.EventRate)]);
        Assert.Equal(0, second[Key(MonitorMetrics.CommandRate, "ship")]);
        Assert.DoesNotContain(Key(MonitorMetrics.CommandLatency), second.Keys);
    }

    [Fact]
    public void Refusals_conflicts_and_cancellations_are_not_errors()
    {
        using var sampler = Sampler();
        var commands = _meter.CreateHistogram<double>("millrace.command.duration");
        var failures = _meter.CreateCounter<long>("millrace.consumer.failures");
        var handled = _meter.CreateCounter<long>("millrace.consumer.events");
        commands.Record(0.1);
        commands.Record(0.1, Tag("error.type", "OutOfStock"), Tag("millrace.outcome", "refused"));
        commands.Record(0.1, Tag("error.type", nameof(VersionConflictException)));
        commands.Record(0.1, Tag("error.type", nameof(OperationCanceledException)));
        commands.Record(0.1, Tag("error.type", nameof(StorageException)));
        failures.Add(1);
        handled.Add(4);

        Assert.Equal(0.2, Sample(sampler)[Key(MonitorMetrics.ErrorRate)], 6);
        Assert.DoesNotContain(Key(MonitorMetrics.ErrorRate), Sample(sampler).Keys);
    }

    [Fact]
    public void Gauges_of_tenants_are_combined_and_gone_subjects_have_no_samples()
    {
        using var sampler = Sampler();
        var lag = 5L;
        foreach (var _ in (int[])[1, 2])
        {
            _meter.CreateObservableGauge(
                "millrace.consumer.lag",
                () => lag < 0 ? [] : (Measurement<long>[])[new(lag, Tag("millrace.consumer.name", "orders@1"))]);
            _meter.CreateObservableGauge(
                "millrace.consumer.lag.time",
                () => new Measurement<double>(lag, Tag("millrace.consumer.name", "orders@1")));
        }

        var first = Sample(sampler);
        lag = -1;
        var second = Sample(sampler);

        Assert.Equal(10, first[Key(MonitorMetrics.ConsumerLag, "orders@1")]);
        Assert.Equal(5, first[Key(MonitorMetrics.ConsumerLagTime, "orders@1")]);
        Assert.DoesNotContain(Key(MonitorMetrics.ConsumerLag, "orders@1"), second.Keys);
    }

    [Fact]
    public void The_process_and_the_disk_are_measured_as_shares()
    {
        using var sampler = Sampler();

        var sample = Sample(sampler);

        Assert.InRange(sample[Key(MonitorMetrics.Cpu)], 0, 1);
        Assert.InRange(sample[Key(MonitorMetrics.Memory)], 0.0001, 1);
        Assert.InRange(sample[Key(MonitorMetrics.DiskFree)], 0, 1);
    }

    [Fact]
    public void Series_above_the_limit_are_ignored_but_counted_in_the_total()
    {
        using var sampler = Sampler();
        var commands = _meter.CreateHistogram<double>("millrace.command.duration");
        var isReachedBefore = sampler.IsLimitReached;
        for (var i = 0; i < 1_000; i++)
            commands.Record(0.1, Tag("millrace.command", $"command-{i}"));

        var sample = Sample(sampler);

        Assert.False(isReachedBefore);
        Assert.True(sampler.IsLimitReached);
        Assert.InRange(sample.Count, MinSeries / 2, MinSeries);
        Assert.Equal(100, sample[Key(MonitorMetrics.CommandRate)]);
    }

    [Fact]
    public void Meters_of_other_applications_are_ignored()
    {
        using var sampler = Sampler();
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var foreign = other.GetRequiredService<IMeterFactory>().Create(MillraceTelemetry.MeterName);
        foreign.CreateCounter<long>("millrace.append.events").Add(10);

        Assert.Equal(0, Sample(sampler)[Key(MonitorMetrics.EventRate)]);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void Percentiles_are_accurate(double percentile)
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            var histogram = new LatencyHistogram();
            var values = new double[random.Next(1, 5_000)];
            for (var i = 0; i < values.Length; i++)
                histogram.Record(values[i] = Math.Pow(10, random.NextDouble() * 8 - 5.5));
            Array.Sort(values);
            var exact = values[(int)Math.Ceiling(values.Length * percentile) - 1];

            var (count, found) = histogram.Take(percentile);

            Assert.Equal(values.Length, count);
            Assert.InRange(found, exact * (1 - 1.0 / 30), exact * (1 + 1.0 / 30));
            Assert.Equal(0, histogram.Take(percentile).Count);
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1e30)]
    public void Unusual_durations_are_counted(double seconds)
    {
        var histogram = new LatencyHistogram();

        histogram.Record(seconds);

        Assert.Equal(1, histogram.Take(0.99).Count);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    private static SeriesKey Key(string metric, string? subject = null) => new(metric, subject);

    private NodeSampler Sampler() =>
        new(Meters, new ProcessProbe(static () => Environment.CurrentDirectory), MinSeries, _clock);

    private IReadOnlyDictionary<SeriesKey, double> Sample(NodeSampler sampler)
    {
        _clock.Advance(Interval);
        return sampler.Sample();
    }
}
