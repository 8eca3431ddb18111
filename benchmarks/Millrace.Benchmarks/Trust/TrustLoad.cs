using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Trust;

/// <summary>Appends to the streams of a thousand subjects, and scans, which are equal on both sides.</summary>
internal static class TrustLoad
{
    private const int Writers = 8;
    private const int EventsEach = 100;
    private const int Subjects = 1_000;

    /// <summary>
    /// Appends an event to each stream without measurement, so that its key is in memory, and then measures 8 writers
    /// with 100 events per append.
    /// </summary>
    public static async Task<Round> Append(TrustApplication application, int appends)
    {
        await Stores.Fill(application.Store, Subjects, first: 0, Subjects);
        return await WriterLoad.Run(Writers, appends, EventsEach, Through(application.Store));
    }

    /// <summary>Measures the same writers for a time, after a time without measurement.</summary>
    public static async Task<Round> AppendFor(TrustApplication application, TimeSpan before, TimeSpan measured)
    {
        await Stores.Fill(application.Store, Subjects, first: 0, Subjects);
        return await WriterLoad.RunFor(Writers, before, measured, EventsEach, Through(application.Store));
    }

    /// <summary>Reads and decodes the log.</summary>
    public static Task<Round> Scan(EventStore store, long expected) => Round.Measure(async () =>
    {
        var (events, quantity) = (0L, 0L);
        await foreach (var recorded in store.ReadLog(EventFilter.OfTypes(LineAdded.EventType)))
        {
            var line = (LineAdded)recorded.Data;
            quantity += line.Quantity + line.Note.Length;
            events++;
        }
        return events == expected && quantity > 0
            ? (events, (Latencies?)null)
            : throw new InvalidOperationException($"The log has {expected} events, but {events} were read.");
    });

    private static Func<int, int, ValueTask> Through(EventStore store) => async (writer, i) =>
    {
        var key = ((i * Writers) + writer) % Subjects;
        var batch = new object[EventsEach];
        for (var j = 0; j < EventsEach; j++)
            batch[j] = SampleLines.Instance.Line(key + j);
        await store.Append(SampleLines.Streams[key], ExpectedVersion.Any, batch);
    };
}
