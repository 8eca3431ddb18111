using Millrace.Erasing;
using Millrace.Retention;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests each statement of the how-to page about documents on each storage.</summary>
public sealed class DocumentStoreGuideTests
{
    private static readonly DateTimeOffset Past = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly EventFilter Berthings = EventFilter.OfTypes("ship.berthed");

    [Theory]
    [StoreKinds]
    public async Task Events_are_stored_one_by_one_or_together_and_found_by_id_type_source_and_time(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await Start(shared);
        var store = node.Store;
        var id = Guid.CreateVersion7();
        var one = new NewEvent(new Berthed("ada", "north", null))
        {
            Id = id,
            Metadata = new EventMetadata { Source = "desk" },
        };

        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [one]);
        var repeated = await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [one]);
        var batch = new AppendRequest()
            .To(Harbour.StreamOf("bob"), ExpectedVersion.NoStream, new Berthed("bob", "south", null))
            .To(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, new Berthed("ada", "south", null));
        await Assert.ThrowsAsync<VersionConflictException>(() => store.Append(batch));
        await store.Append(new AppendRequest()
            .To(Harbour.StreamOf("bob"), ExpectedVersion.NoStream, new Berthed("bob", "south", null))
            .To(Harbour.StreamOf("cyd"), ExpectedVersion.NoStream, new Berthed("cyd", "west", null)));
        var times = Berthings with { From = (await store.Find(id))!.Timestamp };

        Assert.True(repeated.WasRepeated);
        Assert.Equal("desk", (await store.Find(id))!.Metadata.Source);
        Assert.Equal("cyd bob ada", await ShipsOf(store, Newest(times)));
        Assert.Equal("bob ada", await ShipsOf(store, Newest(times) with { Limit = 2, Skip = 1 }));
        Assert.Equal("ada", await ShipsOf(store, Newest(new EventFilter { Source = "desk" })));
        Assert.Equal("", await ShipsOf(store, Newest(times with { To = times.From })));
        Assert.Equal(3, await store.Count(times));
        Assert.Equal("bob cyd", await ShipsOf(store, new LogPageQuery(Berthings, 2, IsBackwards: false, 100)));
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_are_queried_in_pages_counted_and_hidden_after_their_expiry(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await Start(shared);
        await node.Append("ada", new Berthed("ada", "north", DateTimeOffset.UtcNow.AddDays(1)));
        await node.Append("bob", new Berthed("bob", "north", null));
        await node.Append("cyd", new Berthed("cyd", "north", Past));
        var token = await node.Append("dan", new Berthed("dan", "south", null));
        var berths = Berths.Define().CreateReadModel(node.Host);
        var north = new ReadQuery
        {
            Conditions = [new FieldCondition("dock", Comparison.Equal, "north")],
            OrderBy = "until",
            IsDescending = true,
            Limit = 1,
        };

        var first = await berths.Query(north, token);
        var second = await berths.Query(north with { Cursor = first.Next }, token);

        Assert.Equal(["ada", "bob"], first.Items.Concat(second.Items).Select(berth => berth.Ship));
        Assert.Null(second.Next);
        Assert.Equal(2, (await berths.Count(north.Conditions, token)).Value);
        Assert.Equal(3, (await berths.Count([], token)).Value);
        Assert.Null((await berths.Get("cyd", token)).Value);
        Assert.Equal(4, await node.Store.Count(Berthings)); // The events remain.
    }

    [Theory]
    [StoreKinds]
    public async Task Events_are_replayed_removed_before_a_time_and_checked(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await Start(shared, shared.OpenWithNodeClock());
        await node.Store.Append(
            new AppendRequest { RecordedAt = Past }
                .To(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, new Berthed("ada", "north", null))
                .To(Harbour.StreamOf("ada"), ExpectedVersion.Any, new Berthed("ada", "south", null)));
        var token = await node.Append("bob", new Berthed("bob", "south", null));
        Assert.True(await node.Consumers.WaitFor("berths@1", token, TestNode.WaitTimeout));
        var replayed = new List<string>();
        await node.Store.Replay(Berthings, (recorded, _) =>
        {
            replayed.Add(((Berthed)recorded.Data).Ship);
            return ValueTask.CompletedTask;
        });
        var declaration = new RetentionDeclaration { Rules = [], Readers = [], Aggregates = [] };
        await new RetentionLog(new ErasureScope(node.Store, "", "")).Declare(declaration, default);

        var removed = await RetentionService.Of(node.Store).DeleteBefore("ship", Past.AddDays(1), "ann");

        Assert.Equal(["ada", "ada", "bob"], replayed);
        Assert.Equal(2, removed);
        Assert.Equal("bob", await ShipsOf(node.Store, Newest(Berthings)));
        Assert.True((await node.Store.GetInfo()).Events > 0);
        Assert.True((await node.Store.Verify()).IsSound);
    }

    private static Task<TestNode> Start(SharedStore shared, IStorage? storage = null) =>
        TestNode.Start(storage ?? shared.Open(), host => TestNode.Add(host, Berths.Define()));

    private static LogPageQuery Newest(EventFilter filter) => new(filter, long.MaxValue, IsBackwards: true, 100);

    private static async Task<string> ShipsOf(EventStore store, LogPageQuery query)
    {
        var page = await store.ReadPage(query);
        return string.Join(' ', page.Events.Select(recorded => ((Berthed)recorded.Data).Ship));
    }
}
