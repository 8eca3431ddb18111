using Millrace.Benchmarks.Data;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Millrace.Benchmarks;

/// <summary>Opens and fills the stores that are measured.</summary>
internal static class Stores
{
    private const int StreamsPerRequest = 100;

    public static EventTypeMap Types { get; } =
        new ModelBuilder().Event(SampleLines.EventType, 1, DataJson.Default.LineAdded).BuildEventTypes();

    public static IStorage NewStorage(string file) => new SqliteStorage(file);

    public static Task<EventStore> Open(string file) => Open(NewStorage(file));

    public static Task<EventStore> Open(IStorage storage) => EventStore.Open(storage, Types);

    /// <summary>
    /// Makes a store whose streams have one event each: what both sides begin with, so that neither makes streams while it is measured.
    /// </summary>
    public static Task MakeStreams(string file) => Fill(file, SampleLines.Keys);

    /// <summary>
    /// Makes a store with events that are spread over all streams, so that neighbours in the log belong to streams far apart.
    /// </summary>
    public static async Task Fill(string file, long events)
    {
        await using var store = await Open(file);
        await Fill(store, events);
    }

    /// <summary>Adds events spread over all streams.</summary>
    public static async Task Fill(EventStore store, long events, long first = 0)
    {
        const int RequestsAtOnce = 8;
        for (var n = first; n < first + events;)
        {
            var requests = new List<Task>(RequestsAtOnce);
            for (; n < first + events && requests.Count < RequestsAtOnce; n += StreamsPerRequest)
            {
                var request = new AppendRequest();
                for (var i = 0; i < StreamsPerRequest && n + i < first + events; i++)
                {
                    var key = SampleLines.KeyOf(n + i);
                    request.To(SampleLines.Streams[key], ExpectedVersion.Any, SampleLines.Instance.Line(key));
                }
                requests.Add(store.Append(request));
            }
            await Task.WhenAll(requests);
        }
    }
}
