using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class InlineProjectionTests
{
    private static readonly ProjectionDefinition<string, Cargo> Inline = Harbour.Cargo(ProjectionLifecycle.Inline);

    [Fact]
    public async Task The_document_is_stored_together_with_its_event()
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
    public async Task The_recorded_time_of_an_import_is_preserved()
    {
        await using var node = await StartWithoutConsumers();
        var happened = new DateTimeOffset(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);

        await node.Store.Append(
            new AppendRequest { RecordedAt = happened }.To(
                Harbour.StreamOf("ada"),
                ExpectedVersion.NoStream,
                [new Loaded("ada", 5)]));
        var recorded = Assert.Single(await node.Store.ReadStream(Harbour.StreamOf("ada")).ToListAsync());

        Assert.Equal(happened, recorded.Timestamp);
        Assert.Equal(5, (await Inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task A_refused_append_does_not_change_the_document()
    {
        await using var node = await StartWithoutConsumers();
        await node.Append("ada", new Loaded("ada", 5));

        await Assert.ThrowsAsync<VersionConflictException>(
            () => node.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Exactly(7), [new Loaded("ada", 1)]));

        Assert.Equal(5, (await Inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task An_event_that_cannot_be_folded_is_not_appended()
    {
        await using var node = await StartWithoutConsumers();

        await Assert.ThrowsAsync<InvalidOperationException>(() => node.Append("ada", new Loaded("ada", -1)));

        Assert.Null(await node.Store.GetStream(Harbour.StreamOf("ada")));
    }

    [Fact]
    public async Task Concurrent_appends_on_two_nodes_are_each_folded_once()
    {
        var storage = new InMemoryStorage();
        await using var first = await StartWithoutConsumers(storage);
        await using var second = await StartWithoutConsumers(storage);

        TestNode[] nodes = [first, second];
        await Task.WhenAll(
            Enumerable.Range(0, 60).Select(i => Task.Run(() => nodes[i % 2].Append("ada", new Loaded("ada", 1)))));
        var cargo = await Inline.CreateReadModel(first.Host).Get("ada");

        Assert.Equal(new Cargo("ada", 60, 60, 60), cargo.Value);
    }

    [Fact]
    public async Task An_append_repeated_with_its_ids_is_folded_once()
    {
        await using var node = await StartWithoutConsumers();
        var repeated = new NewEvent(new Loaded("ada", 3)) { Id = Guid.CreateVersion7() };

        await node.Append("ada", repeated);
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("ada", repeated);

        Assert.Equal(new Cargo("ada", 4, 2, 2), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task A_document_recreated_by_another_node_is_not_overwritten_with_older_state()
    {
        var shared = new InMemoryStorage();
        await using var other = await StartWithoutConsumers(shared);
        var faulty = new FaultyStorage(shared);
        await using var node = await StartWithoutConsumers(faulty);
        await node.Append("ada", new Loaded("ada", 5));
        faulty.BeforeNextCommit = async () =>
        {
            await other.Append("ada", new Scrapped("ada"));
            await other.Append("ada", new Loaded("ada", 10));
        };

        // When the caller specifies the id, only the document's version reveals the concurrent write.
        await node.Append("ada", new NewEvent(new Loaded("ada", 1)) { Id = Guid.CreateVersion7() });

        Assert.Equal(new Cargo("ada", 11, 2, 4), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recreated_stream_has_a_document_without_its_deleted_events(bool isRemembered)
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_recreated_with_another_event_type_has_a_document_without_its_deleted_events(
        bool hasExplicitId)
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, Inline));
        await node.Append("ada", new Loaded("ada", 5));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.StreamExists, "sold");
        await node.Append("ada", new Inspected("ada", ["east"]));
        var token = await node.Append(
            "ada", new NewEvent(new Loaded("ada", 2)) { Id = hasExplicitId ? Guid.CreateVersion7() : null });

        Assert.Equal(new Cargo("ada", 2, 1, 3), (await Inline.CreateReadModel(node.Host).Get("ada", token)).Value);
        Assert.True((await new Projections(node.Host, [Inline]).Check("cargo@1", TestNode.WaitTimeout)).IsSound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_append_that_requires_a_new_stream_has_a_document_without_deleted_events(
        bool hadDocument)
    {
        var storage = new InMemoryStorage();
        await using var before = await StartWithoutConsumers(storage);
        if (hadDocument)
            await before.Append("ada", new Loaded("ada", 5));
        else
            await before.Append("ada", new Inspected("ada", ["east"]));
        await before.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.StreamExists, "sold");
        await using var node = await StartWithoutConsumers(storage);

        var result = await node.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 2)]);
        await node.Append("ada", new Loaded("ada", 1));

        Assert.Equal(2, result.Version);
        Assert.Equal(new Cargo("ada", 3, 2, 3), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task An_append_that_requires_a_new_stream_is_refused_when_the_stream_exists()
    {
        var storage = new InMemoryStorage();
        await using var before = await StartWithoutConsumers(storage);
        await before.Append("ada", new Loaded("ada", 5));
        await using var node = await StartWithoutConsumers(storage);

        var refused = await Assert.ThrowsAsync<VersionConflictException>(
            () => node.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 2)]));

        Assert.Equal(1, refused.Actual);
        Assert.Equal(5, (await Inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task An_append_that_requires_a_new_stream_reads_no_document_before_its_commit()
    {
        var storage = new FaultyStorage(new InMemoryStorage());
        await using var node = await StartWithoutConsumers(storage);
        var reads = new List<string>();
        storage.BeforeDocuments = reads.Add;

        await node.Store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 2)]);
        await node.Append("ada", new Loaded("ada", 1));

        Assert.Empty(reads);
    }

    [Fact]
    public async Task An_event_of_another_category_with_the_key_of_a_document_is_refused_and_the_document_is_unchanged()
    {
        await using var node = await StartWithoutConsumers();
        await node.Append("ada", new Loaded("ada", 5));
        var crew = new StreamId("crew-ada");

        var refused = await Assert.ThrowsAsync<DocumentKeyException>(
            () => node.Store.Append(crew, ExpectedVersion.Any, [new Unloaded("ada", 2)]));
        var other = await Assert.ThrowsAsync<DocumentKeyException>(() => node.Append("ada", new Loaded("bob", 1)));
        await node.Append("ada", new Loaded("ada", 1));

        Assert.Equal(
            ("cargo", "ship", crew, "ada"), (refused.Projection, refused.Category, refused.Stream, refused.Key));
        Assert.Equal(("ship.unloaded", "bob"), (refused.EventType, other.Key));
        Assert.Null(await node.Store.GetStream(crew));
        Assert.Equal(new Cargo("ada", 6, 2, 2), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task An_event_of_another_category_without_a_key_is_appended_and_ignored()
    {
        var definition = Harbour.Cargo(ProjectionLifecycle.Inline, create: static () => new ShipCargo());
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        await node.Append("ada", new Loaded("ada", 5));
        var appended = await node.Store.Append(new StreamId("crew-ada"), ExpectedVersion.Any, [new Loaded("ada", 2)]);

        var check = await new Projections(node.Host, [definition]).Check("cargo@1", TestNode.WaitTimeout);

        Assert.Equal(
            new Cargo("ada", 5, 1, 1), (await definition.CreateReadModel(node.Host).Get("ada", appended.Token)).Value);
        Assert.True(check.IsSound);
    }

    [Fact]
    public async Task An_existing_event_of_another_category_becomes_a_dead_letter_and_the_document_is_unchanged()
    {
        var storage = new InMemoryStorage();
        await using var plain = await TestNode.Start(storage);
        await plain.Append("ada", new Loaded("ada", 5));
        await plain.Store.Append(new StreamId("crew-ada"), ExpectedVersion.Any, [new Loaded("ada", 2)]);

        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, Inline));
        var letters = await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Parked }]);

        Assert.Equal((2, "crew-ada"), (letters[0].Position, letters[0].Key));
        Assert.Contains("make it asynchronous", letters[0].Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(new Cargo("ada", 5, 1, 1), (await Inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline, null, "does not specify the category")]
    [InlineData(ProjectionLifecycle.Live, "", "does not specify the category")]
    [InlineData(ProjectionLifecycle.Inline, "war-ship", "a category cannot contain '-'")]
    public async Task A_projection_without_a_valid_category_is_refused_at_the_start(
        ProjectionLifecycle lifecycle, string? category, string problem)
    {
        var definition = new ProjectionDefinition<string, Cargo>
        {
            Name = "cargo",
            Lifecycle = lifecycle,
            Stream = category,
            Events = [typeof(Loaded)],
            Create = static () => new CargoProjection(),
            Document = HarbourJson.Default.Cargo,
        };

        var model = Assert.Throws<InvalidOperationException>(() => ExplanationTests.Model(definition));
        var start = await Assert.ThrowsAsync<InvalidOperationException>(() => TestNode.Start(add: host =>
        {
            TestNode.Add(host, definition);
            definition.CreateReadModel(host);
        }));

        Assert.Contains(problem, model.Message, StringComparison.Ordinal);
        Assert.Contains(problem, start.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_appended_without_the_projection_are_folded_later()
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
        [
            Harbour.Cargo(version: 1),
            Harbour.Cargo(ProjectionLifecycle.Inline, 2),
            Harbour.Cargo(ProjectionLifecycle.Live, 3),
        ];
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, all));
        ConsistencyToken token = default;
        for (var i = 0; i < 50; i++)
            token = await node.Append(
                $"s{i % 7}", i % 11 == 10 ? new Scrapped($"s{i % 7}") : new Loaded($"s{i % 7}", i));

        for (var ship = 0; ship < 7; ship++)
        {
            var documents = new List<Cargo?>();
            foreach (var definition in all)
                documents.Add((await definition.CreateReadModel(node.Host).Get($"s{ship}", token)).Value);
            Assert.Single(documents.Distinct());
        }
    }

    /// <summary>A projection that subscribes only to the cargo of ships.</summary>
    private sealed class ShipCargo : Projection<string, Cargo>
    {
        private readonly CargoProjection _all = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            if (recorded.Stream.Category == "ship")
                _all.CollectKeys(recorded, keys);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
            _all.Fold(key, document, recorded);
    }

    // Tests only the write path. The documents must not depend on the consumer.
    private static Task<TestNode> StartWithoutConsumers(IStorage? storage = null) =>
        TestNode.Start(storage, host => TestNode.Add(host, Inline), options => options.IsEnabled = false);
}
