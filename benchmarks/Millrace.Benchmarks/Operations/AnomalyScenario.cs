using BenchmarkDotNet.Attributes;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Operations;

/// <summary>Measures the time in which the anomaly detector takes one value of a long series.</summary>
internal sealed class AnomalyScenario : IScenario
{
    private const double LimitMicroseconds = 50;
    private const double NanosecondsPerMicrosecond = 1_000;

    public IReadOnlyList<string> Names { get; } = ["anomaly-value"];

    public Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var add = MicroBenchmark.Of<AnomalyValues>(run)[nameof(AnomalyValues.Add)];
        var result = BenchmarkResult.OfLimit(
            Names[0], "µs", add.Nanoseconds / NanosecondsPerMicrosecond, raw: null, LimitMicroseconds);
        return Task.FromResult<IReadOnlyList<BenchmarkResult>>([result with { BytesPerOp = add.Bytes }]);
    }
}

/// <summary>The methods for BenchmarkDotNet.</summary>
public class AnomalyValues
{
    private const int Learned = 10_000;
    private readonly AnomalyDetector _detector = new();
    private readonly Random _random = new(1);
    private DateTimeOffset _time = DateTimeOffset.UnixEpoch;

    [GlobalSetup]
    public void Learn()
    {
        for (var i = 0; i < Learned; i++)
            Add();
    }

    [Benchmark]
    public AnomalyResult Add()
    {
        _time += TimeSpan.FromMinutes(5);
        var season = 20 * Math.Sin(2 * Math.PI * _time.TimeOfDay.TotalDays);
        return _detector.Add(_time, 100 + season + _random.NextDouble());
    }
}
