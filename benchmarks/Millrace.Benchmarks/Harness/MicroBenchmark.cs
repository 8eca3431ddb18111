using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Millrace.Benchmarks.Harness;

/// <summary>Measures nanoseconds and bytes of short methods with BenchmarkDotNet in this process.</summary>
internal sealed class MicroBenchmark
{
    private readonly Dictionary<string, CallCost> _figures;

    private MicroBenchmark(Summary summary) => _figures = summary.Reports.ToDictionary(
        report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name, Read, StringComparer.Ordinal);

    /// <summary>Gets the median cost of a method.</summary>
    public CallCost this[string method] => _figures[method];

    /// <summary>Measures all methods of a class.</summary>
    public static MicroBenchmark Of<T>(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var job = run.Sizes switch
        {
            { Rounds: 1 } => Job.Dry,
            { IsShort: true } => Job
                .Default.WithWarmupCount(4)
                .WithIterationCount(8)
                .WithIterationTime(TimeInterval.FromMilliseconds(80)),
            _ => Job.Default.WithIterationTime(TimeInterval.FromMilliseconds(250)),
        };
        var config = ManualConfig.CreateEmpty()
            .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(directory.File("benchmarkdotnet"));
        var summary = BenchmarkRunner.Run<T>(config);
        return summary.Reports.IsEmpty || summary.Reports.Any(report => report.ResultStatistics is null)
            ? throw new InvalidOperationException(
                "BenchmarkDotNet measured nothing: "
                    + string.Join(" ", summary.ValidationErrors.Select(error => error.Message)))
            : new MicroBenchmark(summary);
    }

    private static CallCost Read(BenchmarkReport report) => new(
        report.ResultStatistics!.Median, // The caller has checked that every report has figures.
        report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);

    /// <summary>The cost of one call.</summary>
    public readonly record struct CallCost(double Nanoseconds, double Bytes);
}
