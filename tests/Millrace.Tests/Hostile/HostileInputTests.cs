using System.Text.Json;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Hostile;

/// <summary>
/// Tests that a store returns any bytes unchanged, and that it refuses bytes that do not match their event type.
/// </summary>
public sealed class HostileInputTests
{
    [Fact]
    public Task Any_bytes_are_stored_unchanged() => AssertAllStoredUnchanged(HostileFiles.Own);

    [SharedFilesFact]
    public Task Any_bytes_of_the_shared_files_are_stored_unchanged() =>
        AssertAllStoredUnchanged(HostileFiles.Shared!); // The attribute skips the test if the files are missing.

    [Fact]
    public Task Bytes_that_do_not_match_their_event_type_are_refused() => AssertAllRefused(HostileFiles.Own);

    [SharedFilesFact]
    public Task Shared_files_that_do_not_match_their_event_type_are_refused() =>
        AssertAllRefused(HostileFiles.Shared!); // The attribute skips the test if the files are missing.

    [Fact]
    public async Task Stored_bytes_that_do_not_match_their_event_type_are_read_as_UnreadableEvent()
    {
        var storage = new InMemoryStorage();
        await using (var untypedStore = await EventStore.Open(storage, EventTypeMap.Empty))
        {
            foreach (var file in HostileFiles.Own)
                await untypedStore.Append(
                    new StreamId("bytes"),
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes("counted", await File.ReadAllBytesAsync(file))]);
        }
        await using var store = await TestData.Store(storage);

        var recorded = await store.ReadStream(new StreamId("bytes")).ToListAsync();

        Assert.Equal(HostileFiles.Own.Count, recorded.Count);
        foreach (var (file, storedEvent) in HostileFiles.Own.Zip(recorded))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            if (IsCounted(bytes))
                Assert.IsType<Counted>(storedEvent.Data);
            else
                Assert.Equal(bytes, Assert.IsType<UnreadableEvent>(storedEvent.Data).Payload.ToArray());
        }
    }

    [Fact]
    public async Task Sizes_over_every_limit_are_refused_and_change_nothing()
    {
        await using var store = await TestData.Store(options: new StoreOptions
        {
            Limits = new EventLimits
            {
                MaxPayloadBytes = 100,
                MaxMetadataBytes = 300,
                MaxEventsPerAppend = 3,
                MaxBytesPerAppend = 1024,
                MaxTagsPerEvent = 2,
            },
        });
        var metadata = new EventMetadata { UserId = new string('u', 400) };
        var tags = Enumerable.Range(0, 3).Select(number => new Tag("n", $"{number}"));

        await AssertRefused(store, "event payload (bytes)", NewEvent.FromBytes("t", new byte[101]));
        await AssertRefused(store, "event payload (bytes)", new Counted(1, new string('x', 200)));
        await AssertRefused(store, "event metadata (bytes)", TestData.Event() with { Metadata = metadata });
        await AssertRefused(store, "number of tags of an event", TestData.Event() with { Tags = [.. tags] });
        await AssertRefused(
            store,
            "number of events in an append",
            TestData.Event(),
            TestData.Event(),
            TestData.Event(),
            TestData.Event());
        var large = NewEvent.FromBytes("t", new byte[100]) with
        {
            Metadata = new EventMetadata { UserId = new string('u', 280) },
        };
        await AssertRefused(store, "size of an append (bytes)", large, large, large);

        Assert.Equal(0, (await store.GetToken()).Position);
    }

    [Fact]
    public async Task Names_that_cannot_be_stored_are_refused_and_change_nothing()
    {
        await using var store = await TestData.Store();
        string[] invalidNames = ["a b", "a\nb", "a\0b", "\ud800", "😀", new('x', 257), " "];
        foreach (var name in invalidNames)
            await Assert.ThrowsAsync<InvalidNameException>(() => Append(store, NewEvent.FromBytes(name, default)));
        foreach (var text in new[] { "a\0b", "\ud800", "x\udc00", new string('x', 257) })
        {
            await Assert.ThrowsAsync<InvalidNameException>(() => Append(store, NewEvent.FromBytes("t", default, text)));
            await Assert.ThrowsAsync<InvalidNameException>(
                () => Append(store, TestData.Event() with { Metadata = new EventMetadata { Source = text } }));
        }
        await Assert.ThrowsAsync<ArgumentException>(() => Append(store, TestData.Event() with { Tags = [default] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Append(store, TestData.Event() with { SchemaVersion = 0 }));

        Assert.Equal(0, (await store.GetToken()).Position);
    }

    private static async Task AssertAllStoredUnchanged(IReadOnlyList<string> files)
    {
        await using var store = await TestData.Store(options: HostileRoundTrip.Options);

        await HostileRoundTrip.Append(store, files);

        await HostileRoundTrip.AssertKept(store, files);
    }

    private static async Task AssertAllRefused(IReadOnlyList<string> files)
    {
        await using var store = await TestData.Store();
        var refused = 0;
        foreach (var file in files)
        {
            var bytes = await File.ReadAllBytesAsync(file);
            if (bytes.Length > 1024 * 1024)
                continue;
            if (IsCounted(bytes))
            {
                await Append(store, NewEvent.FromBytes("counted", bytes));
                continue;
            }
            var failed = await Assert.ThrowsAsync<CannotSerializeException>(() =>
                Append(store, NewEvent.FromBytes("counted", bytes)));
            Assert.Equal("counted", failed.EventType);
            refused++;
        }
        Assert.True(refused > 0);
        Assert.Equal(
            files.Count(file => new FileInfo(file).Length <= 1024 * 1024) - refused, (await store.GetToken()).Position);
    }

    private static async Task AssertRefused(EventStore store, string limitName, params object[] events)
    {
        var refused = await Assert.ThrowsAsync<LimitExceededException>(() =>
            store.Append(new StreamId("a"), ExpectedVersion.Any, events));
        Assert.Equal(limitName, refused.Quantity);
        Assert.True(refused.Actual > refused.Limit);
    }

    private static Task<AppendResult> Append(EventStore store, NewEvent newEvent) =>
        store.Append(new StreamId("hostile"), ExpectedVersion.Any, [newEvent]);

    private static bool IsCounted(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Counted>(bytes) is not null;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
