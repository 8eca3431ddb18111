using System.Diagnostics;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Storage;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures every kind of query of the log, one at a time, at varying positions: a page of 100 events, one event, or a
/// count.
/// </summary>
internal sealed class QueryScenario(BenchDatabase database) : IScenario
{
    private const double LimitMs = 100;
    private const int Page = 100;

    private static readonly (string Name, Func<QueryLog, double, Task<long>> Ask)[] Kinds =
    [
        (
            "query-stream",
            (log, at) => Read(log.Store.ReadPage(new StreamPageQuery(KeyAt(at), 1, IsBackwards: false, Page)))),
        (
            "query-id",
            async (log, at) => await log.Store.Find(log.Samples[(int)(at * log.Samples.Count)].Id) is null ? 0 : 1),
        ("query-type", (log, at) => Read(log, EventFilter.OfTypes(QueryLog.RareType), at * 0.5)),
        (
            "query-source",
            (log, at) => Read(log, new EventFilter { Source = QueryLog.SourceOf((long)(at * 50)) }, at * 0.5)),
        ("query-rare-source", (log, _) => Read(log, new EventFilter { Source = QueryLog.RareSource }, 0)),
        ("query-time", (log, at) => Read(log, InTime(log, at, 0.01), 0)),
        ("query-type-time", (log, at) => Read(log, InTime(log, at, 0.2) with { Types = [QueryLog.RareType] }, 0)),
        ("query-since", (log, at) => Read(log, EventFilter.All, at * 0.9)),
        (
            "query-backwards",
            (log, at) =>
                Read(log.Store.ReadPage(new LogPageQuery(EventFilter.All, At(log, at), IsBackwards: true, Page)))),
        ("query-count", (log, _) => log.Store.Count(EventFilter.All).AsTask()),
        ("query-count-type", (log, _) => log.Store.Count(EventFilter.OfTypes(QueryLog.RareType)).AsTask()),
        ("query-count-time", (log, at) => log.Store.Count(InTime(log, at, 0.01)).AsTask()),
        (
            "query-count-type-time",
            (log, at) => log.Store.Count(InTime(log, at, 0.2) with { Types = [QueryLog.RareType] }).AsTask()),
        (
            "query-count-source",
            (log, at) => log.Store.Count(new EventFilter { Source = QueryLog.SourceOf((long)(at * 50)) }).AsTask()),
        ("query-count-common-type", (log, _) => log.Store.Count(EventFilter.OfTypes(SampleLines.EventType)).AsTask()),
    ];

    public IReadOnlyList<string> Names { get; } = [.. Kinds.Select(kind => kind.Name)];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        await using var bench = await database.NewSchemas(run, 0, SampleLines.Keys);
        var log = await QueryLog.Fill(bench, run.Sizes.LogEvents);
        await using var store = log.Store;
        var count = run.Sizes.Rounds * 40;
        var results = new List<BenchmarkResult>();
        foreach (var (name, ask) in Kinds)
        {
            await Measure(log, name, ask, Math.Min(count, 10)); // Warms up.
            var round = await Measure(log, name, ask, count);
            var latencies = round.Latencies!; // It was measured just now.
            var result = BenchmarkResult.OfLimit(name, "ms", latencies.Percentile(0.95), null, LimitMs, latencies);
            results.Add(await run.Explain(result, () => Measure(log, name, ask, Math.Min(count, 10))));
        }
        return results;
    }

    private static Task<Round> Measure(QueryLog log, string name, Func<QueryLog, double, Task<long>> ask, int count) =>
        Round.Measure(async () =>
        {
            var latencies = new Latencies(count);
            for (var i = 0; i < count; i++)
            {
                var started = Stopwatch.GetTimestamp();
                // Spread evenly; consecutive queries are far apart.
                var found = await ask(log, i * 0.618_033_988_75 % 1);
                latencies.Add(Stopwatch.GetTimestamp() - started);
                if (found == 0)
                    throw new InvalidOperationException($"{name} found nothing.");
            }
            return ((long)count, (Latencies?)latencies);
        });

    private static Task<long> Read(QueryLog log, EventFilter filter, double from) =>
        Read(log.Store.ReadPage(new LogPageQuery(filter, At(log, from), IsBackwards: false, Page)));

    private static async Task<long> Read(ValueTask<EventPage> page) => (await page).Events.Count;

    private static StreamId KeyAt(double at) => SampleLines.Streams[(int)(at * SampleLines.Keys)];

    private static long At(QueryLog log, double share) => 1 + (long)(share * (log.Events - 1));

    private static EventFilter InTime(QueryLog log, double at, double share)
    {
        var (from, to) = log.Range(at, share);
        return new EventFilter { From = from, To = to };
    }
}
