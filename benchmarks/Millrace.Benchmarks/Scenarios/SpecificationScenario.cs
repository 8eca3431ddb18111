using System.Diagnostics;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Testing;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures a thousand sequential specifications of aggregates, deciders, projections and applications, as in a test
/// run. Also measures the time in which an empty application starts, settles and stops.
/// </summary>
internal sealed class SpecificationScenario : IScenario
{
    private const int Count = 1_000;
    private const double LimitSeconds = 5;
    private const double HostLimitMs = 5;

    private static readonly Decider<int> Lines = new(
        "order", () => 0, (count, happened) => happened is LineAdded ? count + 1 : count);

    public IReadOnlyList<string> Names { get; } = ["specifications-1000", "test-host"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var first = await Suite(); // A cold start, as in every test run.
        var suites = new List<Round> { first };
        for (var round = 0; round < run.Sizes.Rounds; round++)
            suites.Add(await Suite());
        var warm = suites.Skip(1).OrderBy(round => round.Elapsed).ElementAt(run.Sizes.Rounds / 2);
        var suite = BenchmarkResult.OfLimit(
            Names[0], "s", first.Elapsed.TotalSeconds, null, LimitSeconds, first.Latencies);
        var hosts = await Round.Measure(Hosts);
        var host = BenchmarkResult.OfLimit(
            Names[1], "ms", hosts.Elapsed.TotalMilliseconds / hosts.Operations, null, HostLimitMs, hosts.Latencies);
        return
        [
            suite with
            {
                BytesPerOp = warm.BytesPerOperation,
                Note = FormattableString.Invariant(
                    $"First run, with compilation. Later runs: {warm.Elapsed.TotalSeconds:0.00} s."),
            },
            host with { BytesPerOp = hosts.BytesPerOperation },
        ];
    }

    private static Task<Round> Suite() => Round.Measure(async () =>
    {
        var latencies = new Latencies(Count);
        for (var i = 0; i < Count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await Specify(i);
            latencies.Add(Stopwatch.GetTimestamp() - started);
        }
        return (Count, latencies);
    });

    private static async Task Specify(int number)
    {
        var (before, line) = (SampleLines.Instance.Line(number), SampleLines.Instance.Line(number + 1));
        switch (number % 10)
        {
            case < 4:
                Specification.For<Basket>("1").Given(before).When(basket => basket.Add(line)).Then(line);
                break;
            case < 6:
                Specification
                    .For(Lines)
                    .WithModel<BasketModel>()
                    .Given(before, before)
                    .When(count => count == 2 ? line : null)
                    .Then(line);
                break;
            case < 8:
                Specification.For(new LineTotals()).Given(before).When(before)
                    .Then(before.Key, LineTotal.Add(LineTotal.Add(null, before), before));
                break;
            default:
                await Specification.ForHost<BasketModel>()
                    .Given<Basket>("1", before)
                    .When(new AddLine("1", line))
                    .Then(line)
                    .ThenReadModel(line.Key, LineTotal.Add(null, line));
                break;
        }
    }

    private static async Task StartAndStop()
    {
        var time = new ManualTimeProvider();
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BasketModel>(), time: time);
        await host.Settle();
    }

    private static async Task<(long Operations, Latencies? Latencies)> Hosts()
    {
        var latencies = new Latencies(Count);
        for (var i = 0; i < Count; i++)
        {
            var started = Stopwatch.GetTimestamp();
            await StartAndStop();
            latencies.Add(Stopwatch.GetTimestamp() - started);
        }
        return (Count, latencies);
    }
}
