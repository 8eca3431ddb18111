using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

public sealed class PageTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_page_of_large_events_is_limited_by_its_size()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        for (var i = 0; i < 5; i++)
            await storage.Commit(TestData.Append("film-1", TestData.Event(bytes: 15 * 1024 * 1024)));

        var page = await storage.Log.ReadLog(new LogPageQuery(EventFilter.All, 1, false, 1000), TestData.Cancel);
        var next = await storage.Log.ReadLog(
            new LogPageQuery(EventFilter.All, page.Next, false, 1000), TestData.Cancel);
        var stream = await storage.Log.ReadStream(
            new StreamPageQuery(new StreamId("film-1"), 1, false, 1000), TestData.Cancel);

        Assert.Equal((3, false), (page.Events.Count, page.IsEnd));
        Assert.Equal((2, true), (next.Events.Count, next.IsEnd));
        Assert.Equal((3, false, 4), (stream.Events.Count, stream.IsEnd, stream.Next));
    }

    [Fact]
    public async Task A_count_by_streams_excludes_removed_events()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await storage.Commit(TestData.Append("order-1", TestData.Event(), TestData.Event(), TestData.Event()));
        await storage.Commit(TestData.Append("order-2", TestData.Event()));
        await storage.Commit(TestData.Append("other-1", TestData.Event()));
        var removal = new StreamRemoval(
            new StreamId("order-1"), RemovalKind.Truncate, 3, ExpectedVersion.Any, "old", null);
        await storage.Commit(new CommitRequest { Removals = [removal] });

        Assert.Equal(2, await storage.Log.Count(EventFilter.InStreams("order-"), TestData.Cancel));
        Assert.Equal(3, await storage.Log.Count(EventFilter.All, TestData.Cancel));
        Assert.Equal(0, await storage.Log.Count(EventFilter.InStreams("nothing"), TestData.Cancel));
    }

    [Fact]
    public async Task Cached_stream_heads_are_dropped_after_another_writer_or_a_failed_commit()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await using var other = await TestData.Open(_directory["shop.db"]);
        await storage.Commit(TestData.Append("order-1", TestData.Event()));
        await other.Commit(TestData.Append("order-1", TestData.Event()));
        var failing = new CommitRequest
        {
            Appends = [new StreamAppend(new StreamId("order-1"), ExpectedVersion.Exactly(2), [TestData.Event()])],
            Statements = [new SqlStatement("no SQL", [])],
        };
        await Assert.ThrowsAsync<StorageException>(() => storage.Commit(failing));

        var accepted = await storage.Commit(TestData.Append("order-1", ExpectedVersion.Exactly(2), TestData.Event()));

        Assert.Equal(CommitResult.Committed, accepted.Result);
        Assert.Equal(3, accepted.Placements[0].LastVersion);
    }
}
