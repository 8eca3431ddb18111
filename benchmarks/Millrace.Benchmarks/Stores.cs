using Millrace.Benchmarks.Data;
using Millrace.Storage;

namespace Millrace.Benchmarks;

/// <summary>Opens and fills the measured stores.</summary>
internal static class Stores
{
    private const int StreamsPerRequest = 100;

    /// <summary>Opens a store with generated serializers, which applications with a <c>[Model]</c> class use.</summary>
    public static Task<EventStore> Open(IStorage storage) => EventStore.Open(storage, Formats.Types);

    /// <summary>
    /// Fills a store with events that are spread over streams. Consecutive events belong to streams whose keys are far
    /// apart.
    /// </summary>
    public static async Task Fill(IStorage storage, long events, int streams)
    {
        await using var store = await Open(storage);
        await Fill(store, events, 0, streams);
    }

    /// <summary>Appends events that are spread over streams.</summary>
    public static async Task Fill(EventStore store, long events, long first = 0, int streams = SampleLines.Keys)
    {
        const int ConcurrentRequests = 8;
        var perRequest = Math.Min(StreamsPerRequest, streams); // A request contains each stream once.
        for (var n = first; n < first + events;)
        {
            var requests = new List<Task>(ConcurrentRequests);
            for (; n < first + events && requests.Count < ConcurrentRequests; n += perRequest)
            {
                var request = new AppendRequest();
                for (var i = 0; i < perRequest && n + i < first + events; i++)
                {
                    var key = SampleLines.KeyOf(n + i, streams);
                    request.To(SampleLines.Streams[key], ExpectedVersion.Any, SampleLines.Instance.Line(key));
                }
                requests.Add(store.Append(request));
            }
            await Task.WhenAll(requests);
        }
    }
}
