using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests that documents are removed only when no event can follow that was recorded before their expiry, and that
/// stored documents equal a replay.
/// </summary>
public sealed class ExpiryOrderTests
{
    private static readonly DateTimeOffset Past = new(2019, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly DateTimeOffset Future = new(2199, 5, 4, 3, 2, 1, TimeSpan.Zero);

    public static TheoryData<StoreKind, ProjectionLifecycle> Stored => ExpiryTests.Stored;

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task An_imported_event_that_moves_the_expiry_finds_its_document(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle);
        await using var node = await Start(shared.OpenWithNodeClock(), definition);
        await Berth(node, "ada", "north", Past.AddDays(2), Past);
        await node.WaitUntil(definition.Collection, static status => status.Checkpoint == 1);
        var since = node.Store.Time.GetTimestamp();
        await Eventually.Until(
            () => node.Store.Time.GetElapsedTime(since) > 3 * ExpiredDocumentRemover.Margin, TestNode.WaitTimeout);

        var token = await Berth(node, "ada", "south", Future, Past.AddDays(1));
        var ada = (await definition.CreateReadModel(node.Host).Get("ada", token)).Value;

        Assert.Equal(new Berth("ada", "south", Future, 2), ada);
        Assert.Empty((await Verify(node, definition)).Differences);
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task A_node_whose_clock_is_ahead_removes_nothing_early_and_folds_by_the_recorded_time(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle);
        // Other storages record the times of the node.
        var ahead = TimeSpan.FromMinutes(kind == StoreKind.PostgreSql ? 10 : 0);
        await using var node = await Start(shared.Open(), definition, new ClockAhead(ahead));
        await Berth(node, "ada", "north", DateTimeOffset.UtcNow.AddMinutes(5)); // Expired by the clock of the node.
        await Berth(node, "bob", "north", Past);
        await Eventually.Get(
            () => StoredKeys(node.Store, definition), static keys => keys == "ada", TestNode.WaitTimeout);

        var token = await Berth(node, "ada", "south", Future);
        var ada = (await definition.CreateReadModel(node.Host).Get("ada", token)).Value;

        Assert.Equal(new Berth("ada", "south", Future, 2), ada);
        Assert.Empty((await Verify(node, definition)).Differences);
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public async Task Documents_are_removed_while_a_restarted_node_handles_only_other_events(
        StoreKind kind, ProjectionLifecycle lifecycle)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(lifecycle);
        await using (var first = await Start(shared.Open(), definition))
        {
            await Berth(first, "ada", "north", first.Store.Time.GetUtcNow().AddSeconds(2));
            await first.WaitUntil(definition.Collection, static status => status.Checkpoint == 1);
        }

        await using var node = await Start(shared.Open(), definition);
        await Eventually.Get(
            async () =>
            {
                await node.Append("other", new Loaded("other", 1));
                return await StoredKeys(node.Store, definition);
            },
            static keys => keys.Length == 0,
            TestNode.WaitTimeout);

        Assert.Empty((await Verify(node, definition)).Differences);
    }

    [Theory]
    [StoreKinds]
    public async Task A_program_without_the_model_ignores_expired_documents_in_a_comparison(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define();
        await using (var node = await Start(shared.Open(), definition))
        {
            await Berth(node, "ada", "north", Future);
            var token = await Berth(node, "bob", "north", null);
            await definition.CreateReadModel(node.Host).Get("bob", token);
            var projections = new Projections(node.Host, [definition]);
            await projections.RebuildBeside("berths", BuildSwitch.Manual).WaitAsync(TestNode.WaitTimeout);
        }

        var early = await CompareAfterRemoval(Future.AddTicks(-1));
        var late = await CompareAfterRemoval(Future);

        Assert.Equal((1, 1, false), (early.Same, early.Added, early.IsSame));
        Assert.Equal((1, 0, true), (late.Same, late.Added, late.IsSame));

        async Task<ReadModelComparison> CompareAfterRemoval(DateTimeOffset now)
        {
            await using var tool = await EventStore.Open(
                shared.Open(), EventTypeMap.Empty, time: new ManualTimeProvider(now));
            var removal = new DocumentChange { Collection = definition.Collection, Key = "ada" };
            await tool.TryCommit(
                new CommitRequest { Documents = [removal] }, isBackground: false, CancellationToken.None);
            return await Projections.Of(tool).Compare("berths");
        }
    }

    private static Task<TestNode> Start(
        IStorage storage, ProjectionDefinition definition, TimeProvider? time = null) =>
        TestNode.Start(storage, host => TestNode.Add(host, definition), time: time);

    private static async Task<ConsistencyToken> Berth(
        TestNode node, string ship, string dock, DateTimeOffset? until, DateTimeOffset? recordedAt = null)
    {
        var request = new AppendRequest { RecordedAt = recordedAt }
            .To(Harbour.StreamOf(ship), ExpectedVersion.Any, [new Berthed(ship, dock, until)]);
        return (await node.Store.Append(request)).Token;
    }

    private static async Task<string> StoredKeys(EventStore store, ProjectionDefinition definition)
    {
        var query = new DocumentQuery { Collection = definition.Collection };
        var page = await store.Storage.Documents.Query(query, CancellationToken.None);
        return string.Join(' ', page.Documents.Select(document => document.Key));
    }

    private static Task<ReadModelCheck> Verify(TestNode node, ProjectionDefinition definition) =>
        new Projections(node.Host, [definition]).Check(definition.Collection, TestNode.WaitTimeout);

    private sealed class ClockAhead(TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
    }
}
