using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Perfolizer.Horology;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Sending a command to a plain handler, beside calling the handler. Measured by BenchmarkDotNet, in this process.</summary>
internal sealed class DispatchScenario : IScenario
{
    private const double LimitNanoseconds = 10;

    public IReadOnlyList<string> Names { get; } = ["command-dispatch"];

    public Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var job = run.Sizes.IsShort
            ? Job.Default.WithWarmupCount(4).WithIterationCount(10).WithIterationTime(TimeInterval.FromMilliseconds(100))
            : Job.Default.WithIterationTime(TimeInterval.FromMilliseconds(250));
        var config = ManualConfig.CreateEmpty()
            .AddJob(job.WithToolchain(InProcessEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddLogger(NullLogger.Instance)
            .WithArtifactsPath(directory.File("benchmarkdotnet"));
        var summary = BenchmarkRunner.Run<CommandDispatch>(config);
        var send = ReportOf(summary, nameof(CommandDispatch.Send));
        var baseline = ReportOf(summary, nameof(CommandDispatch.Call_Baseline));
        var nanoseconds = send.ResultStatistics!.Median; // ReportOf has refused a report without figures.
        var bytes = (double)(send.GcStats.GetBytesAllocatedPerOperation(send.BenchmarkCase) ?? 0);
        var result = BenchmarkResult.OfLimit(Names[0], "ns", nanoseconds, baseline.ResultStatistics!.Median, LimitNanoseconds); // As above.
        return Task.FromResult<IReadOnlyList<BenchmarkResult>>([result with { BytesPerOp = bytes, Met = result.Met && bytes == 0 }]);
    }

    private static BenchmarkReport ReportOf(Summary summary, string method)
    {
        var report = summary.Reports.Single(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name == method);
        return report.ResultStatistics is null
            ? throw new InvalidOperationException(
                "BenchmarkDotNet measured nothing: " + string.Join(" ", summary.ValidationErrors.Select(error => error.Message)))
            : report;
    }
}

/// <summary>What BenchmarkDotNet measures.</summary>
public class CommandDispatch
{
    private readonly AddUp<int> _command = new(20, 22);
    private readonly Func<AddUp<int>, int> _handler = AddUp<int>.Handle;
    private ServiceProvider? _services;
    private ICommandBus? _bus;

    [GlobalSetup]
    public void Open()
    {
        var services = new ServiceCollection();
        services.AddMillrace(millrace => millrace
            .UseInMemory()
            .AddModel(Register));
        _services = services.BuildServiceProvider();
        _bus = _services.GetRequiredService<ICommandBus>();
    }

    [Benchmark(Baseline = true)]
    public int Call_Baseline() => _handler(_command);

    [Benchmark]
    public int Send()
    {
        var sent = _bus!.Send(_command); // Set by Open.
        return sent.IsCompletedSuccessfully ? sent.Result.Value : throw new InvalidOperationException("A plain handler answers at once.");
    }

    private static void Register(ModelBuilder model)
    {
        foreach (var register in (Action<ModelBuilder>[])
            [
                AddUp<int>.Register, AddUp<long>.Register, AddUp<short>.Register, AddUp<byte>.Register, AddUp<char>.Register,
                AddUp<bool>.Register, AddUp<float>.Register, AddUp<double>.Register, AddUp<decimal>.Register, AddUp<Guid>.Register,
                AddUp<string>.Register, AddUp<object>.Register, AddUp<DateOnly>.Register, AddUp<TimeOnly>.Register,
                AddUp<TimeSpan>.Register,
                AddUp<Uri>.Register, AddUp<Version>.Register, AddUp<Random>.Register, AddUp<Type>.Register, AddUp<Index>.Register,
            ])
            register(model);
    }

    [GlobalCleanup]
    public void Close() => _services!.Dispose(); // Set by Open.
}
