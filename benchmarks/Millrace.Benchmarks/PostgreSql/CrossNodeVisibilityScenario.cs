using System.Diagnostics;
using System.Globalization;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures the time from the commit of an event on this node until the asynchronous read model of another node
/// contains the event, at 5,000 events per second. Every tenth event is measured.
/// </summary>
internal sealed class CrossNodeVisibilityScenario(BenchDatabase database) : IScenario
{
    private const int EventsPerSecond = 5_000;
    private const int SampleInterval = 10;
    private const double LimitMs = 15;

    public IReadOnlyList<string> Names { get; } = ["commit-to-visible-p95"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var rounds = new List<double[]>();
        for (var round = 0; round < run.Sizes.Rounds; round++)
            rounds.Add((await RunRound(run)).Milliseconds);
        var median = rounds.OrderBy(times => times[1]).ElementAt(rounds.Count / 2);
        var result = BenchmarkResult.OfLimit(Names[0], "ms", median[1], null, LimitMs) with
        {
            P50Ms = median[0],
            P95Ms = median[1],
            P99Ms = median[2],
            Note = string.Create(
                CultureInfo.InvariantCulture,
                $"From the scheduled time: P50 {median[3]:0.0} ms, P95 {median[4]:0.0} ms, P99 {median[5]:0.0} ms."
            ),
        };
        return [await run.Explain(result, async () => (await RunRound(run)).Round)];
    }

    private async Task<(double[] Milliseconds, Round Round)> RunRound(BenchmarkRun run)
    {
        await using var bench = await database.NewSchemas(run, SampleLines.Keys, SampleLines.Keys);
        await using var node = NodeProcess.Start(bench, BenchNode.Project);
        await node.Receive();
        await using var store = await Stores.Open(bench.NewStorage());
        await Append(store, node, EventsPerSecond * 2); // Warms up.
        await node.Send(BenchNode.Settle);
        await node.Receive();
        var round = await Append(store, node, EventsPerSecond * run.Sizes.VisibleSeconds);
        await node.Send(BenchNode.End);
        var answer = await node.Receive();
        return ([.. answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))], round);
    }

    private static Task<Round> Append(EventStore store, NodeProcess node, int events)
    {
        var started = Stopwatch.GetTimestamp();
        return OpenLoop.Run(
            EventsPerSecond,
            events,
            async i =>
            {
                var key = SampleLines.KeyOf(i);
                var result = await store.Append(
                    SampleLines.Streams[key],
                    ExpectedVersion.Any,
                    [SampleLines.Instance.Line(key)]);
                if (i % SampleInterval != 0)
                    return;
                var committed = Stopwatch.GetTimestamp();
                var due = started + (long)(i * (Stopwatch.Frequency / (double)EventsPerSecond));
                await node.Send(string.Create(CultureInfo.InvariantCulture, $"{key} {result.Token} {due} {committed}"));
            }
        );
    }
}
