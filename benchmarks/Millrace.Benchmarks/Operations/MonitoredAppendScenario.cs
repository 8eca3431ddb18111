using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Operations;

/// <summary>
/// Measures the appends of 8 writers, with one event each, while the performance monitor takes a sample each second.
/// The comparison appends without the monitor. The second result compares the managed memory after the appends.
/// </summary>
internal sealed class MonitoredAppendScenario : IScenario
{
    private const int Writers = 8;
    private const int StreamCount = 1_000;
    private const double MaxCost = 0.03;
    private const double MaxMegabytes = 60;
    private const double MinMegabytes = 0.1; // The resolution of the measurement.
    private const double BytesPerMegabyte = 1_000_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly List<double> _memory = [];
    private readonly List<double> _monitoredMemory = [];

    public IReadOnlyList<string> Names { get; } = ["monitored-append", "monitor-memory"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        Task<Round> Again() => Append(run, Monitor, _monitoredMemory);
        var rounds = await PairedRounds.RunAlternating(
            warmUps: run.Sizes.Rounds > 1 ? 1 : 0, run.Sizes.Rounds, _ => Append(run, null, _memory), _ => Again());
        var megabytes = Math.Max(MinMegabytes, (Median(_monitoredMemory) - Median(_memory)) / BytesPerMegabyte);
        return
        [
            await run.Explain(BenchmarkResult.OfRates(Names[0], "events/s", rounds, goal: 1 - MaxCost), Again),
            BenchmarkResult.OfLimit(Names[1], "MB", megabytes, raw: null, MaxMegabytes),
        ];
    }

    private static void Monitor(MillraceBuilder millrace) =>
        millrace.UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1));

    private static async Task<Round> Append(
        BenchmarkRun run, Action<MillraceBuilder>? configure, List<double> memory)
    {
        await using var store = await run.Storage.NewStore(run, events: 0);
        using var host = await Application.Start(store.NewStorage(), static _ => { }, configure);
        var events = host.Services.GetRequiredService<EventStore>();
        await Stores.Fill(events, StreamCount, first: 0, StreamCount);
        var warmUp = run.Sizes.Rounds > 1 ? WarmUp : TimeSpan.Zero;
        var round = await WriterLoad.RunFor(
            Writers, warmUp, TimeSpan.FromSeconds(run.Sizes.NodeSeconds), 1, Through(events));
        memory.Add(GC.GetTotalMemory(forceFullCollection: true));
        await host.StopAsync();
        return round;
    }

    private static Func<int, int, ValueTask> Through(EventStore store) => async (writer, i) =>
    {
        var key = ((i * Writers) + writer) % StreamCount;
        await store.Append(SampleLines.Streams[key], ExpectedVersion.Any, [SampleLines.Instance.Line(key)]);
    };

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
