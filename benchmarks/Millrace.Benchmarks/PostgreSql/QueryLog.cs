using Millrace.Benchmarks.Data;
using Millrace.Storage;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>A log with several event types and sources, for measurements of queries.</summary>
/// <param name="Store">The store.</param>
/// <param name="Events">The number of events.</param>
/// <param name="Samples">Sample events at even distances in the log.</param>
internal sealed record QueryLog(EventStore Store, long Events, IReadOnlyList<RecordedEvent> Samples)
{
    /// <summary>The type of every hundredth event.</summary>
    public const string RareType = "order.line-corrected";

    /// <summary>The source of the first ten events.</summary>
    public const string RareSource = "import";

    private const int Sources = 50;
    private const int MaxConcurrentRequests = 8;
    private const int RareInterval = 100;
    private const int PerRequest = 100;

    public static string SourceOf(long number) => $"service-{number % Sources}";

    /// <summary>Fills a store.</summary>
    public static async Task<QueryLog> Fill(BenchStore bench, long events)
    {
        var store = await Stores.Open(bench.NewStorage());
        await store.Append(
            new AppendRequest { Metadata = new EventMetadata { Source = RareSource } }.To(
                SampleLines.Streams[0],
                ExpectedVersion.Any,
                [.. Enumerable.Range(0, 10).Select(SampleLines.Instance.Line)]));
        var waiting = new Queue<Task>();
        for (var n = 0L; n < events; n += PerRequest)
        {
            if (waiting.Count == MaxConcurrentRequests)
                await waiting.Dequeue();
            waiting.Enqueue(store.Append(Request(n)));
        }
        await Task.WhenAll(waiting);
        await bench.Database.Ask($"VACUUM (ANALYZE) {bench.Events}");
        var samples = new List<RecordedEvent>();
        for (var position = 1L; position < events; position += Math.Max(1, events / 500))
            samples.Add(
                (await store.ReadPage(new LogPageQuery(EventFilter.All, position, IsBackwards: false, 1))).Events[0]);
        return new QueryLog(store, await store.Count(EventFilter.All), samples);
    }

    /// <summary>
    /// Returns a time range that contains a share of the log. The offset is from 0 (the start of the log) to 1 (the
    /// end).
    /// </summary>
    public (DateTimeOffset From, DateTimeOffset To) Range(double offset, double share)
    {
        var first = (int)(offset * (1 - share) * (Samples.Count - 1));
        var last = Math.Min(Samples.Count - 1, first + Math.Max(1, (int)(share * Samples.Count)));
        // All events of a commit have the same time.
        return (Samples[first].Timestamp, Samples[last].Timestamp + TimeSpan.FromMicroseconds(1));
    }

    private static AppendRequest Request(long first)
    {
        var request = new AppendRequest { Metadata = new EventMetadata { Source = SourceOf(first / PerRequest) } };
        for (var n = first; n < first + PerRequest; n++)
        {
            var key = SampleLines.KeyOf(n);
            object line = n % RareInterval == 0
                ? NewEvent.FromBytes(RareType, SampleLines.Instance.Payload(key))
                : SampleLines.Instance.Line(key);
            request.To(SampleLines.Streams[key], ExpectedVersion.Any, line);
        }
        return request;
    }
}
