using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures sending a command to a plain handler against calling the handler directly, with BenchmarkDotNet in this
/// process.
/// </summary>
internal sealed class DispatchScenario : IScenario
{
    private const double LimitNanoseconds = 10;

    public IReadOnlyList<string> Names { get; } = ["command-dispatch"];

    public Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var measured = MicroBenchmark.Of<CommandDispatch>(run);
        var send = measured[nameof(CommandDispatch.Send)];
        var baseline = measured[nameof(CommandDispatch.Call_Baseline)];
        var result = BenchmarkResult.OfLimit(Names[0], "ns", send.Nanoseconds, baseline.Nanoseconds, LimitNanoseconds);
        return Task.FromResult<IReadOnlyList<BenchmarkResult>>(
            [result with { BytesPerOp = send.Bytes, Met = result.Met && send.Bytes == 0 }]);
    }
}

/// <summary>The methods for BenchmarkDotNet.</summary>
public class CommandDispatch
{
    private readonly SumCommand<int> _command = new(20, 22);
    private readonly Func<SumCommand<int>, int> _handler = SumCommand<int>.Handle;
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
        return sent.IsCompletedSuccessfully
            ? sent.Result.Value
            : throw new InvalidOperationException("A plain handler completes synchronously.");
    }

    private static void Register(ModelBuilder model)
    {
        foreach (var register in (Action<ModelBuilder>[])
                [
                    SumCommand<int>.Register,
                    SumCommand<long>.Register,
                    SumCommand<short>.Register,
                    SumCommand<byte>.Register,
                    SumCommand<char>.Register,
                    SumCommand<bool>.Register,
                    SumCommand<float>.Register,
                    SumCommand<double>.Register,
                    SumCommand<decimal>.Register,
                    SumCommand<Guid>.Register,
                    SumCommand<string>.Register,
                    SumCommand<object>.Register,
                    SumCommand<DateOnly>.Register,
                    SumCommand<TimeOnly>.Register,
                    SumCommand<TimeSpan>.Register,
                    SumCommand<Uri>.Register,
                    SumCommand<Version>.Register,
                    SumCommand<Random>.Register,
                    SumCommand<Type>.Register,
                    SumCommand<Index>.Register,
                ]
        )
            register(model);
    }

    [GlobalCleanup]
    public void Close() => _services!.Dispose(); // Set by Open.
}
