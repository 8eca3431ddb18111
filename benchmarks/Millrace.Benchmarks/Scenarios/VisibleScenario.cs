using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>
/// How long it takes from the moment that an event was to be appended until a read model that is built asynchronously shows it.
/// </summary>
/// <remarks>
/// An open loop: the events come at their times, whether the store keeps up or not, and each is measured from its time. Waiting for others
/// is counted in.
/// </remarks>
internal sealed class VisibleScenario : IScenario
{
    private const int EventsPerSecond = 2_000;
    private const double LimitMs = 10;

    public IReadOnlyList<string> Names { get; } = ["append-to-visible-p95"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        using var directory = run.NewDirectory();
        var file = directory.File("millrace.db");
        await Stores.MakeStreams(file);
        using var host = await Application.Start(file, model => model.Projection(LineTotals.Definition));
        var store = host.Services.GetRequiredService<EventStore>();
        var model = host.Services.GetRequiredService<IReadModel<int, LineTotal>>();
        await Load(store, model, EventsPerSecond);
        var (visible, appended) = await Load(store, model, EventsPerSecond * run.Sizes.VisibleSeconds);
        await host.StopAsync();
        var result = BenchmarkResult.OfLimit(Names[0], "ms", visible.Percentile(0.95), raw: null, LimitMs, visible);
        var note = FormattableString.Invariant(
            $"Of this the append alone: P50 {appended.Percentile(0.5):0.0} ms, P95 {appended.Percentile(0.95):0.0} ms.");
        return [result.Met ? result : result with { Note = note }];
    }

    private static async Task<(Latencies Visible, Latencies Appended)> Load(EventStore store, IReadModel<int, LineTotal> model, int events)
    {
        const int EventsPerTick = 4;
        var tasks = new Task<(long Visible, long Appended)>[events];
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < events;)
        {
            var due = started + (long)(i * (Stopwatch.Frequency / (double)EventsPerSecond));
            var wait = due - Stopwatch.GetTimestamp();
            if (wait > 0)
                await Task.Delay(TimeSpan.FromTicks(wait * TimeSpan.TicksPerSecond / Stopwatch.Frequency));
            for (var j = 0; j < EventsPerTick && i < events; j++, i++)
                tasks[i] = AppendAndRead(store, model, SampleLines.KeyOf(i), due);
        }
        var (visible, appended) = (new Latencies(events), new Latencies(events));
        foreach (var one in await Task.WhenAll(tasks))
        {
            visible.Add(one.Visible);
            appended.Add(one.Appended);
        }
        return (visible, appended);
    }

    private static async Task<(long Visible, long Appended)> AppendAndRead(
        EventStore store, IReadModel<int, LineTotal> model, int key, long due)
    {
        var result = await store.Append(SampleLines.Streams[key], ExpectedVersion.Any, [SampleLines.Instance.Line(key)]);
        var appended = Stopwatch.GetTimestamp() - due;
        var answer = await model.Get(key, new ReadAfter(result.Token, TimeSpan.FromSeconds(30)));
        return answer.IsFresh
            ? (Stopwatch.GetTimestamp() - due, appended)
            : throw new InvalidOperationException("The read model did not reach an event within half a minute.");
    }
}
