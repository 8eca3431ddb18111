using System.Diagnostics;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Storage;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures every kind of query of the log, one at a time, at varying positions. The result of a query is a page of 100
/// events, one event, or a count.
/// </summary>
internal sealed class QueryScenario(BenchDatabase database) : IScenario
{
    private const double LimitMs = 100;
    private const int Page = 100;

    private static readonly (string Name, Func<QueryLog, double, Task<long>> Ask)[] Kinds =
    [
        (
            "query-stream",
            (log, offset) => Read(log.Store.ReadPage(new StreamPageQuery(KeyAt(offset), 1, IsBackwards: false, Page)))),
        (
            "query-id",
            async (log, offset) => await log.Store.Find(SampleAt(log, offset).Id) is null ? 0 : 1),
        ("query-type", (log, offset) => Read(log, EventFilter.OfTypes(QueryLog.RareType), offset * 0.5)),
        (
            "query-source",
            (log, offset) => Read(log, FromSource(offset), offset * 0.5)),
        ("query-rare-source", (log, _) => Read(log, new EventFilter { Source = QueryLog.RareSource }, 0)),
        ("query-time", (log, offset) => Read(log, InTime(log, offset, 0.01), 0)),
        (
            "query-type-time",
            (log, offset) => Read(log, InTime(log, offset, 0.2) with { Types = [QueryLog.RareType] }, 0)),
        ("query-since", (log, offset) => Read(log, EventFilter.All, offset * 0.9)),
        (
            "query-backwards",
            (log, offset) =>
                Read(log.Store.ReadPage(
                    new LogPageQuery(EventFilter.All, PositionAt(log, offset), IsBackwards: true, Page)))),
        ("query-count", (log, _) => log.Store.Count(EventFilter.All).AsTask()),
        ("query-count-type", (log, _) => log.Store.Count(EventFilter.OfTypes(QueryLog.RareType)).AsTask()),
        ("query-count-time", (log, offset) => log.Store.Count(InTime(log, offset, 0.01)).AsTask()),
        (
            "query-count-type-time",
            (log, offset) => log.Store.Count(InTime(log, offset, 0.2) with { Types = [QueryLog.RareType] }).AsTask()),
        (
            "query-count-source",
            (log, offset) => log.Store.Count(FromSource(offset)).AsTask()),
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
            var latencies = round.Latencies!; // Measure always records latencies.
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
                // The positions are spread evenly over the log, and those of consecutive queries are far apart.
                var found = await ask(log, i * 0.618_033_988_75 % 1);
                latencies.Add(Stopwatch.GetTimestamp() - started);
                if (found == 0)
                    throw new InvalidOperationException($"{name} found nothing.");
            }
            return ((long)count, (Latencies?)latencies);
        });

    private static Task<long> Read(QueryLog log, EventFilter filter, double from) =>
        Read(log.Store.ReadPage(new LogPageQuery(filter, PositionAt(log, from), IsBackwards: false, Page)));

    private static async Task<long> Read(ValueTask<EventPage> page) => (await page).Events.Count;

    private static RecordedEvent SampleAt(QueryLog log, double offset) =>
        log.Samples[(int)(offset * log.Samples.Count)];

    private static EventFilter FromSource(double offset) =>
        new() { Source = QueryLog.SourceOf((long)(offset * 50)) };

    private static StreamId KeyAt(double offset) => SampleLines.Streams[(int)(offset * SampleLines.Keys)];

    private static long PositionAt(QueryLog log, double share) => 1 + (long)(share * (log.Events - 1));

    private static EventFilter InTime(QueryLog log, double offset, double share)
    {
        var (from, to) = log.Range(offset, share);
        return new EventFilter { From = from, To = to };
    }
}
