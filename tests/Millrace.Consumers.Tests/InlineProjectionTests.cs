using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class InlineProjectionTests
{
    private static readonly ProjectionDefinition<string, Cargo> Inline = Harbour.Cargo(ProjectionLifecycle.Inline);

    [Fact]
    public async Task The_document_is_there_as_soon_as_the_event_is()
    {
        await using var node = await StartWithoutConsumers();

        await node.Append("ada", new Loaded("ada", 5));
        var document = await node.Store.Storage.Documents.Get(Inline.Collection, "ada", CancellationToken.None);
        var token = await node.Append("ada", new Loaded("ada", 2));
        var cargo = await Inline.CreateReadModel(node.Host).Get("ada", token);

        Assert.Equal(1, document!.Position);
        Assert.Equal(new Cargo("ada", 7, 2, 2), cargo.Value);
        Assert.True(cargo.IsFresh);
    }

    [Fact]
    public async Task A_refused_append_leaves_the_document_as_it_was()
    {
        await using var node = await StartWithoutConsumers();
        await node.Append("ada", new Loaded("ada", 5));

        await Assert.ThrowsAsync<VersionConflictException>(
            () => node.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Exactly(7), [new Loaded("ada", 1)]));

        Assert.Equal(5, (await Inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task What_cannot_be_folded_is_not_appended()
    {
        await using var node = await StartWithoutConsumers();

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Append("ada", new Loaded("ada", -1)));

        Assert.Null(await node.Store.GetStream(Harbour.StreamOf("ada")));
    }

    [Fact]
    public async Task Appends_at_the_same_time_on_two_nodes_are_each_folded_once()
    {
        var storage = new InMemoryStorage();
        await using var first = await StartWithoutConsumers(storage);
        await using var second = await StartWithoutConsumers(storage);

        TestNode[] nodes = [first, second];
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => nodes[i % 2].Append("ada", new Loaded("ada", 1)))));
        var cargo = await Inline.CreateReadModel(first.Host).Get("ada");

        Assert.Equal(new Cargo("ada", 60, 60, 60), cargo.Value);
    }

    [Fact]
    public async Task An_append_repeated_with_its_ids_is_folded_once()
    {
        await using var node = await StartWithoutConsumers();
        var given = new NewEvent(new Loaded("ada", 3)) { Id = Guid.CreateVersion7() };

        await node.Append("ada", given);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("ada", given);

        Assert.Equal(new Cargo("ada", 4, 2, 2), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task A_document_removed_and_written_anew_by_another_node_is_not_overwritten_with_older_state()
    {
        var shared = new InMemoryStorage();
        await using var other = await StartWithoutConsumers(shared);
        var late = new FaultyStorage(shared);
        await using var node = await StartWithoutConsumers(late);
        await node.Append("ada", new Loaded("ada", 5));
        late.BeforeNextCommit = async () =>
        {
            await other.Append("ada", new Scrapped("ada"));
            await other.Append("ada", new Loaded("ada", 10));
        };

        // With an id of the caller's own, only the document's version tells that it was written meanwhile.
        await node.Append("ada", new NewEvent(new Loaded("ada", 1)) { Id = Guid.CreateVersion7() });

        Assert.Equal(new Cargo("ada", 11, 2, 4), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_that_begins_anew_after_its_deletion_has_a_document_without_its_past(bool isRemembered)
    {
        var storage = new InMemoryStorage();
        await using var before = await StartWithoutConsumers(storage);
        await before.Append("ada", new Loaded("ada", 5));
        await before.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.StreamExists, "sold");

        await using var another = await StartWithoutConsumers(storage);
        var node = isRemembered ? before : another;
        await node.Append("ada", new Loaded("ada", 2));
        await node.Append("ada", new Loaded("ada", 1));

        Assert.Equal(new Cargo("ada", 3, 2, 3), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task Events_appended_without_it_are_folded_afterwards()
    {
        var storage = new InMemoryStorage();
        await using var plain = await TestNode.Start(storage);
        await plain.Append("ada", new Loaded("ada", 1));
        await plain.Append("bea", new Loaded("bea", 2), new Scrapped("bea"));

        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, Inline));
        await node.Append("ada", new Loaded("ada", 10));
        await plain.Append("ada", new Loaded("ada", 100));
        var token = await plain.Append("cid", new Loaded("cid", 4));
        var model = Inline.CreateReadModel(node.Host);

        Assert.Equal(new Cargo("cid", 4, 1, 1), (await model.Get("cid", token)).Value);
        Assert.Equal(new Cargo("ada", 111, 3, 3), (await model.Get("ada", token)).Value);
        Assert.Null((await model.Get("bea", token)).Value);
    }

    [Fact]
    public async Task One_class_gives_the_same_documents_inline_live_and_asynchronously()
    {
        ProjectionDefinition<string, Cargo>[] all =
            [Harbour.Cargo(version: 1), Harbour.Cargo(ProjectionLifecycle.Inline, 2), Harbour.Cargo(ProjectionLifecycle.Live, 3)];
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, all));
        ConsistencyToken token = default;
        for (var i = 0; i < 50; i++)
            token = await node.Append($"s{i % 7}", i % 11 == 10 ? new Scrapped($"s{i % 7}") : new Loaded($"s{i % 7}", i));

        for (var ship = 0; ship < 7; ship++)
        {
            var told = new List<Cargo?>();
            foreach (var definition in all)
                told.Add((await definition.CreateReadModel(node.Host).Get($"s{ship}", token)).Value);
            Assert.Single(told.Distinct());
        }
    }

    // Only the write road: the documents must not owe anything to the consumer behind them.
    private static Task<TestNode> StartWithoutConsumers(IStorage? storage = null) =>
        TestNode.Start(storage, host => TestNode.Add(host, Inline), options => options.IsEnabled = false);
}
