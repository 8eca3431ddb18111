using System.Text;

namespace Millrace.TestSupport;

/// <summary>Appends files as events, reads them back in several ways and checks that they are unchanged.</summary>
internal static class HostileRoundTrip
{
    private const string EventType = "hostile";
    private const int MaxMetadataCharacters = 2_000;
    private const int Streams = 7;

    /// <summary>Gets options that accept the largest possible payloads.</summary>
    public static StoreOptions Options =>
        new() { Limits = new EventLimits { MaxPayloadBytes = EventLimits.LargestPayloadBytes } };

    /// <summary>Appends each file to one of a few streams, as the payload and as a text in the metadata.</summary>
    public static async Task Append(EventStore store, IReadOnlyList<string> files)
    {
        Assert.NotEmpty(files);
        for (var i = 0; i < files.Count; i++)
        {
            var bytes = await File.ReadAllBytesAsync(files[i]);
            var metadata = new EventMetadata { RequestId = TextOf(bytes) };
            var added = NewEvent.FromBytes(EventType, bytes) with { Id = IdOf(i), Metadata = metadata };
            await store.Append(StreamOf(i), ExpectedVersion.Any, [added]);
        }
    }

    /// <summary>Reads the events by the log, by their streams and by their ids.</summary>
    public static async Task AssertKept(EventStore store, IReadOnlyList<string> files)
    {
        var log = await store.ReadLog(EventFilter.OfTypes(EventType)).ToListAsync();
        var backwards = await store.ReadLogBackwards(EventFilter.All).ToListAsync();
        var streams = new Dictionary<StreamId, List<RecordedEvent>>();
        for (var i = 0; i < Streams; i++)
            streams[StreamOf(i)] = await store.ReadStream(StreamOf(i)).ToListAsync();

        Assert.Equal(files.Count, log.Count);
        Assert.Equal(files.Count, await store.Count(EventFilter.OfTypes(EventType)));
        for (var i = 0; i < files.Count; i++)
        {
            var bytes = await File.ReadAllBytesAsync(files[i]);
            AssertIs(bytes, log[i], files[i]);
            AssertIs(bytes, backwards[files.Count - 1 - i], files[i]);
            AssertIs(bytes, streams[StreamOf(i)][i / Streams], files[i]);
            AssertIs(bytes, await store.Find(IdOf(i)), files[i]);
        }
    }

    private static void AssertIs(byte[] bytes, RecordedEvent? recorded, string file)
    {
        Assert.NotNull(recorded);
        Assert.True(bytes.AsSpan().SequenceEqual(recorded.Payload.Span), file);
        Assert.Equal(TextOf(bytes), recorded.Metadata.RequestId);
        Assert.Equal(bytes, Assert.IsType<UnknownEvent>(recorded.Data).Payload.ToArray());
    }

    private static string TextOf(byte[] bytes) =>
        Encoding.Latin1.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, MaxMetadataCharacters)));

    private static StreamId StreamOf(int number) => new($"hostile-{number % Streams}");

    private static Guid IdOf(int number) => new(number, 0, 0, [7, 0, 0, 0, 0, 0, 0, 0]);
}
