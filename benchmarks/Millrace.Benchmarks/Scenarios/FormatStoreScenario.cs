using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Sqlite;

namespace Millrace.Benchmarks.Scenarios;

/// <summary>Measures appends and scans of the same events as CBOR and as JSON, each in its own file.</summary>
internal sealed class FormatStoreScenario : IScenario
{
    private const int EventsPerRequest = 100;
    private const int MaxConcurrentRequests = 8;
    private const int MaxEvents = 100_000;

    public IReadOnlyList<string> Names { get; } = ["append-cbor", "scan-cbor", "bytes-cbor"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var events = Math.Min(run.Sizes.LogEvents, MaxEvents);
        using var directory = run.NewDirectory();
        var appends = await PairedRounds.RunAlternating(
            run.Sizes.Rounds,
            round => Append(File(directory, round, EventFormat.Json), EventFormat.Json, events),
            round => Append(File(directory, round, EventFormat.Cbor), EventFormat.Cbor, events));
        var (json, cbor) = (File(directory, 0, EventFormat.Json), File(directory, 0, EventFormat.Cbor));
        var scans = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, _ => Scan(json, events), _ => Scan(cbor, events));
        var (jsonBytes, cborBytes) = (
            new FileInfo(json).Length / (double)events, new FileInfo(cbor).Length / (double)events);
        return
        [
            BenchmarkResult.OfRates(Names[0], "events/s", appends, goal: 0.95),
            BenchmarkResult.OfRates(Names[1], "events/s", scans, goal: 1),
            new BenchmarkResult(
                Names[2],
                "bytes on disk",
                cborBytes,
                jsonBytes,
                jsonBytes / cborBytes,
                null,
                null,
                null,
                null,
                1,
                jsonBytes >= cborBytes,
                null),
        ];
    }

    /// <summary>
    /// Returns the path of a round's file. The scans read the file of the first round. All later rounds share another
    /// file.
    /// </summary>
    private static string File(ScratchDirectory directory, int round, EventFormat format) =>
        directory.File(round == 0 ? $"{format}.db" : $"{format}-again.db");

    private static async Task<Round> Append(string file, EventFormat format, long events)
    {
        // The path has a directory.
        foreach (var old in Directory.GetFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + "*"))
            System.IO.File.Delete(old);
        await using var store = await Open(file, format);
        return await Round.Measure(async () =>
        {
            var waiting = new Queue<Task>();
            for (var n = 0L; n < events; n += EventsPerRequest)
            {
                if (waiting.Count == MaxConcurrentRequests)
                    await waiting.Dequeue();
                waiting.Enqueue(store.Append(Request(n, events)));
            }
            await Task.WhenAll(waiting);
            return (events, (Latencies?)null);
        });
    }

    private static AppendRequest Request(long first, long events)
    {
        var request = new AppendRequest();
        for (var n = first; n < Math.Min(first + EventsPerRequest, events); n++)
        {
            var key = SampleLines.KeyOf(n);
            request.To(SampleLines.Streams[key], ExpectedVersion.Any, SampleLines.Instance.Line(key));
        }
        return request;
    }

    private static async Task<Round> Scan(string file, long expected)
    {
        await using var store = await Open(file, EventFormat.Json);
        return await Round.Measure(async () =>
        {
            var (events, quantity) = (0L, 0L);
            await foreach (var recorded in store.ReadLog(EventFilter.All))
            {
                quantity += ((LineAdded)recorded.Data).Quantity;
                events++;
            }
            return events == expected && quantity > 0
                ? (events, (Latencies?)null)
                : throw new InvalidOperationException($"The log has {expected} events, but {events} were read.");
        });
    }

    private static Task<EventStore> Open(string file, EventFormat format) =>
        EventStore.Open(new SqliteStorage(file), Formats.Types, new StoreOptions { EventFormat = format });
}
