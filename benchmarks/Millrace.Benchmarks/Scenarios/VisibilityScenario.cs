using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// Measures the time from the scheduled append of an event until an asynchronous read model contains it.
/// </summary>
internal sealed class VisibilityScenario : IScenario
{
    private const int EventsPerSecond = 2_000;
    private const double LimitMs = 10;

    public IReadOnlyList<string> Names { get; } = ["append-to-visible-p95"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var bench = await run.Storage.NewStore(run);
        using var host = await Application.Start(bench.NewStorage(), model => model.Projection(LineTotals.Definition));
        var store = host.Services.GetRequiredService<EventStore>();
        var model = host.Services.GetRequiredService<IReadModel<int, LineTotal>>();
        await RunRound(store, model, EventsPerSecond);
        var (visible, fromCommits) = await RunRound(store, model, EventsPerSecond * run.Sizes.VisibleSeconds);
        await host.StopAsync();
        var result = BenchmarkResult.OfLimit(Names[0], "ms", visible.Percentile(0.95), raw: null, LimitMs, visible);
        var note = FormattableString.Invariant(
            $"From the commit: P50 {fromCommits.Percentile(0.5):0.0} ms, P95 {fromCommits.Percentile(0.95):0.0} ms.");
        return [result.Met ? result : result with { Note = note }];
    }

    /// <summary>
    /// Appends and reads events. Returns the times from the scheduled append and from the commit until an event is
    /// visible.
    /// </summary>
    private static async Task<(Latencies FromSchedule, Latencies FromCommit)> RunRound(
        EventStore store, IReadModel<int, LineTotal> model, int events)
    {
        var fromCommits = new long[events];
        var round = await OpenLoop.Run(
            EventsPerSecond,
            events,
            async i =>
            {
                var key = SampleLines.KeyOf(i);
                var result = await store.Append(
                    SampleLines.Streams[key],
                    ExpectedVersion.Any,
                    [SampleLines.Instance.Line(key)]);
                var committed = Stopwatch.GetTimestamp();
                var answer = await model.Get(key, new ReadAfter(result.Token, TimeSpan.FromSeconds(30)));
                if (!answer.IsFresh)
                    throw new InvalidOperationException("The read model did not reach an event within half a minute.");
                fromCommits[i] = Stopwatch.GetTimestamp() - committed;
            }
        );
        var fromCommit = new Latencies(events);
        foreach (var ticks in fromCommits)
            fromCommit.Add(ticks);
        return (round.Latencies!, fromCommit); // An open loop always records latencies.
    }
}
