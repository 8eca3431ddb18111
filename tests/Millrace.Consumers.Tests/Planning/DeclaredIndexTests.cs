using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Planning;
using Millrace.Storage;
using Millrace.Store;
using Millrace.Testing;

namespace Millrace.Tests.Planning;

/// <summary>Tests that declared indexes of several fields are built, used, not proposed again, and removed.</summary>
public sealed class DeclaredIndexTests
{
    private static readonly DocumentIndex Declared = DocumentIndex.Of("customer", "total");

    [Theory]
    [DatabaseKinds]
    public async Task A_declared_index_serves_all_pages_in_both_directions_until_it_is_undeclared(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, NullLogger<AdvisedIndexService>.Instance)
        {
            DropAfter = TimeSpan.Zero,
        };
        await service.Start(CancellationToken.None);
        var before = await store.Explain(Query(isDescending: true));

        store.IndexRequests.Add(OrderSample.Definition, [Declared]);
        Assert.Equal([Declared], await IndexesOf(store, static found => found.Count == 1));
        await Eventually.Until(() => !service.IsBuilding, TestNode.WaitTimeout); // The planner knows the index then.

        foreach (var isDescending in new[] { false, true })
        {
            var query = Query(isDescending);
            var page = await store.Storage.Documents.Query(query, CancellationToken.None);
            var notExpired = new FieldCondition("total", Comparison.GreaterOrNull, 10); // As with an expiry.
            var first = await store.Explain(query);
            var filtered = await store.Explain(query with { Conditions = [.. query.Conditions, notExpired] });
            var second = await store.Explain(query with { After = page.Next });

            Assert.Equal((5, 5), (first.Rows, second.Rows));
            Assert.All([first.Plan, filtered.Plan], plan =>
            {
                Assert.StartsWith(Declared.Name, plan.Index, StringComparison.Ordinal);
                Assert.DoesNotMatch("(?i)sort|TEMP B-TREE", TextsOf(plan));
            });
            // In descending order, documents without a value follow, from the range of any index.
            Assert.Contains(LeavesOf(second.Plan), IsDeclared);
            Assert.True(isDescending || IsDeclared(second.Plan), second.ToString());
        }
        Assert.DoesNotContain(Declared.Name, before.Plan.Index, StringComparison.Ordinal);
        await Remember(store, Query(isDescending: true));
        Assert.DoesNotContain(await store.Advise(), advice => advice.Kind == AdviceKind.CreateIndex);

        store.IndexRequests.Add(OrderSample.Definition, []);
        await IndexesOf(store, static found => found.Count == 0);
        await service.Stop(CancellationToken.None);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_index_of_a_newer_version_outlives_a_node_that_does_not_declare_it(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        var other = DocumentIndex.Of("total", "customer");
        await store.Storage.Planner!.Indexes!.Create(OrderSample.Collection, Declared, CancellationToken.None);
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, NullLogger<AdvisedIndexService>.Instance);
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(OrderSample.Definition, []);
        store.IndexRequests.Add(OrderSample.Definition, [other]); // Built after the first request.
        var found = await IndexesOf(store, list => list.Any(index => index.Name == other.Name));

        Assert.Equal([Declared.Name, other.Name], found.Select(index => index.Name).Order(StringComparer.Ordinal));
        await service.Stop(CancellationToken.None);
    }

    [Fact]
    public async Task A_declared_index_whose_build_would_stop_writes_for_long_is_reported()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var log = new RecordedLog();
        await using var store = await Open(shared.OpenWithNodeClock());
        var large = new CollectionDefinition("large@1", [new("a", FieldKind.Integer), new("b", FieldKind.Integer)]);
        await store.Storage.Documents.EnsureCollection(large, CancellationToken.None);
        var documents = Enumerable.Range(0, AdvisedIndexService.MaxBlockingDocuments + 1).Select(
            number => new DocumentChange
            {
                Collection = large.Name,
                Key = $"{number}",
                Body = "{}"u8.ToArray(),
                Fields = [number, number],
            });
        await store.TryCommit(
            new CommitRequest { Documents = [.. documents] }, isBackground: false, CancellationToken.None);
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, new Logger<AdvisedIndexService>(log));
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(large, [DocumentIndex.Of("a", "b")]);
        await Eventually.Until(() => log.Contains("The declared index idx_declared_a_b"), TestNode.WaitTimeout);

        Assert.Empty(await store.Storage.Planner!.Indexes!.List(large.Name, CancellationToken.None));
        await service.Stop(CancellationToken.None);
    }

    [Fact]
    public void An_advised_index_of_a_read_model_named_declared_is_not_a_declared_index()
    {
        string[] fields = ["status", "total"];

        Assert.False(new DocumentIndex(IndexCandidate.NameOf("idx", "declared-goods", fields), fields).IsDeclared);
        Assert.True(DocumentIndex.Of(fields).IsDeclared);
    }

    [Fact]
    public void The_shape_of_a_query_omits_the_expiry()
    {
        FieldCondition[] conditions =
            [new("until", Comparison.GreaterOrNull, 5), new("dock", Comparison.Equal, "north")];

        var shape = QueryShape.Of("berths", conditions);

        Assert.Equal([new QueryTerm("dock", Comparison.Equal)], shape!.Terms);
    }

    [Theory]
    [DatabaseKinds]
    public async Task The_collection_of_a_projection_gets_its_declared_indexes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var definition = Berths.Define(indexes: Berths.ByDock);
        await using var node = await TestNode.Start(shared.Open(), host => TestNode.Add(host, definition));
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(node.Store, gate, NullLogger<AdvisedIndexService>.Instance);
        await service.Start(CancellationToken.None);

        var indexes = node.Store.Storage.Planner!.Indexes!; // Both databases have them.
        var built = await Eventually.Get(
            () => indexes.List(definition.Collection, CancellationToken.None).AsTask(),
            static found => found.Count > 0,
            TestNode.WaitTimeout);

        Assert.Equal([Berths.ByDock], built);
        Assert.Contains(
            "until is null or >",
            (await node.Store.Explain(new DocumentQuery { Collection = "berths" })).Query,
            StringComparison.Ordinal); // As the read model queries it.
        await service.Stop(CancellationToken.None);
    }

    [Fact]
    public async Task An_index_of_an_unknown_field_is_refused()
    {
        var definition = Berths.Define(indexes: DocumentIndex.Of("dock", "crates"));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestNode.Start(null, host => TestNode.Add(host, definition)));

        Assert.Contains("'berths' declares an index with 'crates'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_declared_indexes_are_valid_and_differ_for_different_fields()
    {
        DocumentIndex[] indexes =
        [
            DocumentIndex.Of("a", "b"), DocumentIndex.Of("b", "a"), DocumentIndex.Of("a_b", "c"),
            DocumentIndex.Of("a", "b_c"), DocumentIndex.Of(new string('x', 80), "ü"),
        ];

        Assert.All(indexes, index => Assert.True(DocumentIndex.IsName(index.Name), index.Name));
        Assert.Equal(indexes.Length, indexes.DistinctBy(index => index.Name).Count());
        Assert.Matches("^idx_declared_a_b_[0-9a-f]{8}$", indexes[0].Name);
    }

    private static DocumentQuery Query(bool isDescending) => new()
    {
        Collection = OrderSample.Collection,
        Conditions =
        [
            new FieldCondition("customer", Comparison.Equal, "customer-4"),
        ],
        OrderBy = "total",
        IsDescending = isDescending,
        Limit = 5,
    };

    private static Task<IReadOnlyList<DocumentIndex>> IndexesOf(
        EventStore store, Func<IReadOnlyList<DocumentIndex>, bool> condition) => Eventually.Get(
        () => store.Storage.Planner!.Indexes!.List(OrderSample.Collection, CancellationToken.None).AsTask(),
        condition,
        TestNode.WaitTimeout);

    private static async Task Remember(EventStore store, DocumentQuery query)
    {
        for (var i = 0; i < 100; i++)
            store.Shapes.Record(OrderSample.ReadModel, query, 1, TimeSpan.FromMilliseconds(1));
        await new QueryUseStore(store).Write(CancellationToken.None);
    }

    private static bool IsDeclared(QueryPlan plan) =>
        plan.Index?.StartsWith(Declared.Name, StringComparison.Ordinal) == true;

    private static IEnumerable<QueryPlan> LeavesOf(QueryPlan plan) =>
        plan.Parts.Count == 0 ? [plan] : plan.Parts.SelectMany(LeavesOf);

    private static string TextsOf(QueryPlan plan) =>
        $"{plan.Index} {plan.Reason} {plan.Detail} {string.Join(' ', plan.Parts.Select(TextsOf))}";

    private static async Task<EventStore> Open(IStorage storage)
    {
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        return await EventStore.Open(storage, EventTypeMap.Empty);
    }
}
