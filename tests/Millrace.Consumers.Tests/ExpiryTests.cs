using System.Diagnostics.Metrics;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests that expired documents are hidden at once, and removed by the consumer that writes them.</summary>
public sealed class ExpiryTests
{
    private static readonly DateTimeOffset Past = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2199, 5, 4, 3, 2, 1, TimeSpan.Zero);

    public static TheoryData<StoreKind, ProjectionLifecycle> Stored
    {
        get
        {
            var all = new TheoryData<StoreKind, ProjectionLifecycle>();
            foreach (var kind in SharedStore.All)
            {
                all.Add(kind, ProjectionLifecycle.Asynchronous);
                all.Add(kind, ProjectionLifecycle.Inline);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task A_document_is_hidden_from_reads_queries_and_counts_from_its_expiry_on(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle, TimeSpan.FromDays(1));
        await using var writer = await Start(shared.Open(), definition);
        await Berth(writer, "ada", "north", Future);
        await Berth(writer, "bob", "south", Future.AddSeconds(1));
        var token = await Berth(writer, "cyd", "west", null);
        await definition.CreateReadModel(writer.Host).Get("cyd", token);
        var time = new ManualTimeProvider(Future.AddDays(1).AddTicks(-1));
        await using var reader = await Start(shared.Open(), definition, isEnabled: false, time);
        var berths = definition.CreateReadModel(reader.Host);

        var before = await berths.Read();
        var found = (await berths.Get("ada")).Value;
        time.Advance(TimeSpan.FromTicks(1));
        var after = await berths.Read();

        Assert.Equal(("ada bob cyd", 3), before);
        Assert.Equal("north", found!.Dock);
        Assert.Equal(("bob cyd", 2), after);
        Assert.Null((await berths.Get("ada")).Value);
        Assert.Equal(["bob", "cyd"], (await berths.GetMany(["ada", "bob", "cyd"])).Value!.Keys.Order());
        Assert.Equal(3, await StoredCount(reader.Store, definition)); // Only the clock of the reader is ahead.
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task An_expired_document_is_removed_and_other_documents_remain(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle);
        await using var node = await Start(shared.Open(), definition);

        await Berth(node, "ada", "north", node.Store.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await Berth(node, "bob", "south", Future);
        await Berth(node, "cyd", "west", null);
        await Berth(node, "dan", "east", Past);
        await Eventually.Get(() => StoredKeys(node.Store, definition), static keys => keys == "bob cyd");

        Assert.Equal(("bob cyd", 2), await definition.CreateReadModel(node.Host).Read());
        Assert.Empty((await Verify(node, definition)).Differences);
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task An_event_after_the_expiry_starts_a_new_document_also_in_a_rebuild(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle);
        await using (var early = await Start(shared.OpenWithNodeClock(), definition, isEnabled: false))
        {
            await Berth(early, "ada", "north", Past.AddDays(2), Past);
            await Berth(early, "eve", "north", Past.AddDays(2), Past);
            await Berth(early, "ada", "south", Past.AddDays(9), Past.AddDays(1)); // Moves the expiry.
            await Berth(early, "eve", "south", Past.AddDays(9), Past.AddDays(1));
            await Berth(early, "ada", "west", Past.AddDays(20), Past.AddDays(8));
            await Berth(early, "eve", "west", Future, Past.AddDays(8)); // Never expired before an event.
            await Berth(early, "ada", "east", Future, Past.AddDays(20)); // At the moment of the expiry.
        }

        await using var node = await Start(shared.OpenWithNodeClock(), definition);
        var token = await Berth(node, "bob", "south", null);
        var berths = definition.CreateReadModel(node.Host);
        var folded = await ReadBoth(token);
        var check = await Verify(node, definition);
        await new Projections(node.Host, [definition]).Rebuild(definition.Collection).WaitAsync(TestNode.WaitTimeout);
        var rebuilt = await ReadBoth(token);

        Assert.Equal((new Berth("ada", "east", Future, 1), new Berth("eve", "west", Future, 3)), folded);
        Assert.Empty(check.Differences);
        Assert.Equal(folded, rebuilt);

        async Task<(Berth? Ada, Berth? Eve)> ReadBoth(ConsistencyToken after) =>
            ((await berths.Get("ada", after)).Value, (await berths.Get("eve", after)).Value);
    }

    [Theory]
    [StoreKinds]
    public async Task An_event_before_the_expiry_that_is_handled_after_it_still_moves_the_expiry(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define();
        await using var node = await Start(shared.Open(), definition);
        var until = node.Store.Time.GetUtcNow() + TimeSpan.FromSeconds(1.5);
        await Berth(node, "ada", "north", until);
        await node.WaitUntil(definition.Collection, static status => status.Checkpoint == 1);
        await node.PauseAndWait(definition.Collection);
        var token = await Berth(node, "ada", "south", Future);
        await Eventually.Until(
            () => node.Store.Time.GetUtcNow() > until + (2 * ExpiredDocumentRemover.Margin), TestNode.WaitTimeout);

        await node.Consumers.Resume(definition.Collection);
        var ada = (await definition.CreateReadModel(node.Host).Get("ada", token)).Value;

        Assert.Equal(new Berth("ada", "south", Future, 2), ada);
        Assert.Empty((await Verify(node, definition)).Differences);
    }

    [Theory]
    [StoreKinds]
    public async Task Several_nodes_with_partitions_remove_all_expired_documents(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define();
        await using var first = await Start(shared.Open(), definition, configure: Divide);
        await using var second = await Start(shared.Open(), definition, configure: Divide);

        for (var i = 0; i < 1_200; i += 100)
        {
            var events = Enumerable.Range(i, 100).Select(ship =>
                (object)new Berthed($"ship{ship}", "north", ship % 100 == 7 ? Future : Past));
            await first.Store.Append(Harbour.StreamOf("all"), ExpectedVersion.Any, [.. events]);
        }
        await first.WaitUntil(definition.Collection, static status => status.Checkpoint == 1_200);
        await Eventually.Get(
            () => StoredCount(first.Store, definition), static count => count == 12, TestNode.WaitTimeout);

        Assert.Equal(12, (await definition.CreateReadModel(second.Host).Count([], default)).Value);

        static void Divide(ConsumerOptions options) => options.Partitions["berths@1"] = 3;
    }

    [Fact]
    public async Task An_expired_document_is_kept_while_an_event_for_it_is_a_dead_letter()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var definition = Berths.Define();
        await using var node = await Start(shared.Open(), definition);
        await Berth(node, "ada", "north", node.Store.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await Berth(node, "ada", "none", Future); // Cannot be folded.
        await node.WaitForDeadLetters(static letters => letters.Count == 1);

        await Berth(node, "bob", "north", Past);
        await node.WaitUntil(definition.Collection, static status => status.Checkpoint == 3);
        await Eventually.Get(
            () => StoredKeys(node.Store, definition), static keys => keys == "ada", TestNode.WaitTimeout);

        Assert.Equal(("", 0), await definition.CreateReadModel(node.Host).Read());
    }

    [Fact]
    public async Task A_live_projection_hides_an_expired_document()
    {
        var definition = Berths.Define(ProjectionLifecycle.Live, TimeSpan.FromHours(1));
        var time = new ManualTimeProvider(Future);
        await using var node = await Start(null, definition, isEnabled: false, time);
        await Berth(node, "ada", "north", Future);
        var berths = definition.CreateReadModel(node.Host);

        var before = (await berths.Get("ada")).Value;
        time.Advance(TimeSpan.FromHours(1));

        Assert.Equal("north", before!.Dock);
        Assert.Null((await berths.Get("ada")).Value);
        Assert.Empty((await berths.GetMany(["ada"])).Value!);
    }

    [Theory]
    [InlineData("dock")]
    [InlineData("missing")]
    public async Task An_expiry_by_a_field_that_contains_no_instant_is_refused(string field)
    {
        var definition = Berths.Define(expiry: field);

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => Start(null, definition));

        Assert.Contains($"'berths' expire by '{field}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Removed_documents_are_counted()
    {
        var counted = 0L;
        using var listener = Listen("metered@1", count => Interlocked.Add(ref counted, count));
        await using var node = await Start(null, Berths.Define(name: "metered"));

        await Berth(node, "ada", "north", Past);
        await Berth(node, "bob", "north", Past);
        await Berth(node, "cyd", "north", Future);

        await Eventually.Until(() => Interlocked.Read(ref counted) == 2, TestNode.WaitTimeout);
    }

    private static MeterListener Listen(string consumer, Action<long> counted)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Name == "millrace.consumer.documents.expired")
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags.ToArray().Any(tag => Equals(tag.Value, consumer)))
                counted(count);
        });
        listener.Start();
        return listener;
    }

    private static Task<TestNode> Start(
        IStorage? storage,
        ProjectionDefinition definition,
        bool isEnabled = true,
        TimeProvider? time = null,
        Action<ConsumerOptions>? configure = null) =>
        TestNode.Start(
            storage,
            host => TestNode.Add(host, definition),
            options =>
            {
                options.IsEnabled = isEnabled;
                configure?.Invoke(options);
            },
            time);

    private static async Task<ConsistencyToken> Berth(
        TestNode node, string ship, string dock, DateTimeOffset? until, DateTimeOffset? recordedAt = null)
    {
        var request = new AppendRequest { RecordedAt = recordedAt }
            .To(Harbour.StreamOf(ship), ExpectedVersion.Any, [new Berthed(ship, dock, until)]);
        return (await node.Store.Append(request)).Token;
    }

    private static Task<long> StoredCount(EventStore store, ProjectionDefinition definition) =>
        store.Storage.Documents.Count(definition.Collection, [], CancellationToken.None).AsTask();

    private static async Task<string> StoredKeys(EventStore store, ProjectionDefinition definition)
    {
        var query = new DocumentQuery { Collection = definition.Collection };
        var page = await store.Storage.Documents.Query(query, CancellationToken.None);
        return string.Join(' ', page.Documents.Select(document => document.Key));
    }

    private static Task<ReadModelCheck> Verify(TestNode node, ProjectionDefinition definition) =>
        new Projections(node.Host, [definition]).Check(definition.Collection, TestNode.WaitTimeout);
}
