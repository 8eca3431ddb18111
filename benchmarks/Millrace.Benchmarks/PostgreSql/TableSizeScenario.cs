using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>
/// Measures the disk space per event for several payload sizes. The space includes the table, the indexes and the TOAST
/// data.
/// </summary>
internal sealed class TableSizeScenario(BenchDatabase database) : IScenario
{
    private const int RowBytes = 300;
    // PostgreSQL stores a long payload outside of the row, in chunks of 2,000 bytes, with four chunks per page.
    private const double MaxSizeRatio = 1.4;
    private const int EventsPerAppend = 100;
    private const int Streams = 500;
    // This type is in no model, because the payload is only a text of a given length.
    private const string TextType = "order.text-added";
    private static readonly int[] PayloadBytes = [100, 300, 1_000, 4_000, 16_000];

    public IReadOnlyList<string> Names { get; } =
        [.. PayloadBytes.Select(bytes => string.Create(CultureInfo.InvariantCulture, $"table-bytes-{bytes}"))];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var results = new List<BenchmarkResult>();
        foreach (var (bytes, name) in PayloadBytes.Zip(Names))
        {
            await using var bench = await database.NewSchemas(run, 0, Streams);
            await Fill(bench, bytes, run.Sizes.SizedEvents);
            var all = (double)await bench.SizeBytes() / run.Sizes.SizedEvents;
            var result = BenchmarkResult.OfLimit(name, "bytes", all, bytes, (bytes * MaxSizeRatio) + RowBytes);
            results.Add(result with { Note = await Parts(bench, run.Sizes.SizedEvents) });
        }
        return results;
    }

    private static async Task Fill(BenchStore bench, int bytes, int events)
    {
        await using var store = await Stores.Open(bench.NewStorage());
        for (var n = 0; n < events; n += EventsPerAppend)
        {
            var batch = new object[Math.Min(EventsPerAppend, events - n)];
            for (var i = 0; i < batch.Length; i++)
                batch[i] = NewEvent.FromBytes(TextType, Payload(bytes));
            await store.Append(SampleLines.Streams[n / EventsPerAppend % Streams], ExpectedVersion.Any, batch);
        }
    }

    /// <summary>Returns a text that compresses by at most a quarter.</summary>
    private static byte[] Payload(int bytes)
    {
        const int JsonBytes = 11; // {"text":""}
        var text = Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes))[..(bytes - JsonBytes)];
        return Encoding.UTF8.GetBytes($"{{\"text\":\"{text}\"}}");
    }

    private static Task<string> Parts(BenchStore bench, int events) => bench.Database.Ask($"""
        SELECT format('Rows: %s. Indexes: %s. Other: %s.', pg_relation_size('{bench.Events}') / {events},
            pg_indexes_size('{bench.Events}') / {events},
            (pg_total_relation_size('{bench.Events}') - pg_relation_size('{bench.Events}') - pg_indexes_size('{bench.Events}')) / {events})
        """);
}
