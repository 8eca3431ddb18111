using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Storage.Objects;

namespace Millrace.Benchmarks.Keeping;

/// <summary>
/// Measures appends at a steady rate while all earlier events are archived to a directory of the same disk. The
/// comparison is the same load before the run. The goal is a P99 that is at most 1.2 times as high.
/// </summary>
internal sealed class ArchivingScenario : IScenario
{
    private const int AppendsPerSecond = 200;
    private const double Goal = 1 / 1.2;

    public IReadOnlyList<string> Names { get; } = ["archiving-p99"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var log = await run.Storage.NewStore(run, run.Sizes.LogEvents);
        using var directory = run.NewDirectory();
        var path = directory.File("archive");
        Directory.CreateDirectory(path);
        var place = new DirectoryObjectStorage(path);
        using var host = await Application.Start(
            log.NewStorage(), static _ => { }, millrace => millrace.UseArchive(place));
        var store = host.Services.GetRequiredService<EventStore>();
        await Load(store, "warm-up", run.Sizes.VisibleSeconds);

        var before = await Load(store, "before", run.Sizes.VisibleSeconds);
        var archived = host.Services.GetRequiredService<StoreArchive>()
            .Run(new ArchiveSelection { Streams = "order-*" });
        var during = new Latencies(AppendsPerSecond);
        for (var i = 0; !archived.IsCompleted; i++)
            during.AddAll(await Load(store, $"during-{i}", seconds: 1));
        var report = await archived;
        await host.StopAsync();

        var (p99, usual) = (during.Percentile(0.99), before.Percentile(0.99));
        return
        [
            new BenchmarkResult(
                Names[0],
                "ms",
                p99,
                usual,
                usual / p99,
                during.Percentile(0.50),
                during.Percentile(0.95),
                p99,
                BytesPerOp: null,
                Goal,
                Met: usual / p99 >= Goal,
                $"{report.Events:N0} events were archived in {during.Count / AppendsPerSecond:N0} s, during "
                    + $"{AppendsPerSecond} appends per second. Before: P50 {before.Percentile(0.5):0.00} ms."),
        ];
    }

    /// <summary>Appends to new streams at a steady rate, and returns the durations.</summary>
    private static async Task<Latencies> Load(EventStore store, string name, int seconds)
    {
        var round = await OpenLoop.Run(
            AppendsPerSecond,
            AppendsPerSecond * seconds,
            async number => await store.Append(
                new StreamId($"{name}-{number}"), ExpectedVersion.NoStream, [SampleLines.Instance.Line(number)]));
        return round.Latencies!; // OpenLoop measures each operation.
    }
}
