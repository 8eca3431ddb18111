using Millrace.Storage.InMemory;

namespace Millrace.Tests.Streams;

public sealed class EventStoreAppendTests : IAsyncLifetime
{
    private static readonly StreamId Stream = new("order-1");

    private EventStore _store = null!; // Each test opens it in InitializeAsync.

    public async Task InitializeAsync() => _store = await EventStore.Open(new InMemoryStorage(), EventTypeMap.Empty);

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Appended_events_are_read_back_unchanged()
    {
        var result = await _store.Append(
            Stream,
            ExpectedVersion.NoStream,
            [NewEvent.FromBytes("order.placed", "{}"u8.ToArray())]);

        var recorded = Assert.Single(await _store.ReadStream(Stream).ToListAsync());
        Assert.Equal((1, 1, "order.placed"), (recorded.Version, recorded.Position, recorded.Type));
        Assert.Equal("{}"u8.ToArray(), recorded.Payload.ToArray());
        Assert.Equal((1, 1, false), (result.Version, result.Position, result.WasRepeated));
    }

    [Fact]
    public async Task A_version_conflict_contains_the_stream_and_both_versions()
    {
        await _store.Append(Stream, ExpectedVersion.NoStream, [NewEvent.FromBytes("order.placed", default)]);

        var refused = await Assert.ThrowsAsync<VersionConflictException>(
            () => _store.Append(Stream, ExpectedVersion.NoStream, [NewEvent.FromBytes("order.placed", default)]));

        Assert.Equal((Stream, 1, ExpectedVersion.NoStream), (refused.Stream, refused.Actual, refused.Expected));
    }
}
