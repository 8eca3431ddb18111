using System.Text;
using Millrace.Auditing.Sealing;
using Millrace.Storage;

namespace Millrace.Tests.Auditing;

/// <summary>Fills a store with events of all kinds, removals and seals.</summary>
internal static class SealedLog
{
    public const int Streams = 6;

    private static readonly DateTimeOffset Day = new(2026, 5, 4, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// Fills the store: 600 positions with a full tile, four seals with anchors, one truncated, one closed and one
    /// deleted stream, and three events after the last seal.
    /// </summary>
    public static async Task Fill(IStorage storage, SealKeys keys)
    {
        await using var store = await EventStore.Open(
            storage, EventTypeMap.Empty, new StoreOptions { ApplicationVersion = "1.2.3" });
        using var signer = SealSigner.Load(keys.Key, null);
        await Append(store, 300);
        await Seal(store, signer);
        await store.Truncate(new StreamId("ship-1"), 4, "not needed", "ada");
        await store.Append(new StreamId("ship-x"), ExpectedVersion.Any, [Event(0), Event(1), Event(2)]);
        await store.Truncate(new StreamId("ship-x"), 3, "by mistake", "ada");
        await Append(store, 280);
        await Seal(store, signer);
        await store.Append(new StreamId("ship-y"), ExpectedVersion.Any, [Event(0), Event(1)]);
        await store.Tombstone(new StreamId("ship-y"), ExpectedVersion.Any, "sold", "ada");
        await store.Append(new StreamId("ship-z"), ExpectedVersion.Any, [Event(0), Event(1)]);
        await store.Delete(new StreamId("ship-z"), ExpectedVersion.Any, "sunk", "ada");
        await Seal(store, signer);
        await Append(store, 6);
        await Seal(store, signer);
        await Append(store, 3);
        await WriteAnchors(store, keys.Anchors);
    }

    public static async Task Append(EventStore store, int count)
    {
        for (var i = 0; i < count; i += Streams)
        {
            var (correlation, causation) = (Guid.CreateVersion7(), Guid.CreateVersion7());
            var request = new AppendRequest { CorrelationId = correlation, CausationId = causation };
            for (var ship = 0; ship < Math.Min(Streams, count - i); ship++)
                request.To(new StreamId($"ship-{ship}"), ExpectedVersion.Any, Event(i + ship));
            await store.Append(request);
        }
    }

    public static NewEvent Event(int number) =>
        NewEvent.FromBytes("ship.loaded", Encoding.UTF8.GetBytes($$"""{"crates":{{number}},"day":"{{Day:O}}"}""")) with
        {
            Tags = [Tag.Parse($"dock:{number % 7}"), Tag.Parse("harbour:north")],
            Metadata = new EventMetadata { Source = "harbour", UserId = "ada" },
        };

    /// <summary>Seals all events.</summary>
    public static async Task Seal(EventStore store, SealSigner signer, int minEvents = 1)
    {
        await store.Storage.Documents.EnsureCollection(SealStore.Collection, default);
        var writer = await SealWriter.Open(store, signer, minEvents, default);
        while (await writer.SealNext(default) is not null)
        {
        }
    }

    public static async Task WriteAnchors(EventStore store, string path)
    {
        var lines = new List<string>();
        await foreach (var recorded in store.ReadStream(SealStore.Stream))
            lines.Add(Encoding.UTF8.GetString(recorded.Payload.Span));
        await File.WriteAllLinesAsync(path, lines);
    }

    public static async Task<SealReport> Verify(IStorage storage, SealEvidence evidence)
    {
        await using var store = await EventStore.Open(storage, EventTypeMap.Empty);
        return await new LogSeals(store).Verify(evidence);
    }
}
