using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;
using Millrace.Testing;

namespace Millrace.Tests.Planning;

/// <summary>Tests that a store remembers the shapes of queries without values, within a limit.</summary>
public sealed class QueryUseTests
{
    [Theory]
    [StoreKinds]
    public async Task Shapes_of_all_nodes_are_added_up_and_contain_no_values(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await TestNode.StartCargo(shared.Open());
        await using var second = await TestNode.StartCargo(shared.Open());
        var token = await first.Append("Elbe", new Loaded("Elbe", 7));
        await Query(first, "Elbe", token);
        await Query(second, "Elbe", token);
        await Query(second, "Oder", token);
        _ = await second.Cargo.Count([Condition("crates", Comparison.Greater, 3)], token);
        _ = await second.Store.Count(new EventFilter { Source = "Hamburg", Types = ["ship.loaded"] });
        await foreach (var _ in second.Store.ReadLog(EventFilter.InStreams("ship-Elbe")))
        {
        }

        await Task.WhenAll(Write(first), Write(second));
        await Write(second); // Nothing new.
        var uses = await first.Store.ListQueries();

        var texts = uses.ToDictionary(use => use.Shape.ToString());
        Assert.Equal(
            [
                "cargo where crates > ? and ship = ? by crates, descending",
                "count of cargo where crates > ?",
                "count of the log where source = ? and type = ?",
                "the log where stream starts with ?",
            ],
            texts.Keys.Order(StringComparer.Ordinal));
        var cargo = texts["cargo where crates > ? and ship = ? by crates, descending"];
        Assert.Equal((3, 2), (cargo.Count, cargo.Rows));
        Assert.True(cargo.TotalTime > TimeSpan.Zero && cargo.FirstUse <= cargo.LastUse);
        Assert.Equal(1, texts["the log where stream starts with ?"].Rows);
        var bodies = string.Concat(await Bodies(first.Store));
        Assert.DoesNotContain("Elbe", bodies, StringComparison.Ordinal);
        Assert.DoesNotContain("Hamburg", bodies, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_remembers_no_more_shapes_than_its_limit()
    {
        var shapes = new QueryShapes(limit: 2, TimeProvider.System);

        for (var i = 0; i < 5; i++)
            shapes.RecordCount($"model-{i}", [], 1, TimeSpan.FromTicks(1));
        shapes.RecordCount("model-0", [], 1, TimeSpan.FromTicks(1));
        var uses = shapes.Take();

        Assert.Equal([("model-0", 2L), ("model-1", 1L)], uses.Select(use => (use.Shape.Source, use.Count)).Order());
        Assert.Empty(shapes.Take());
        shapes.Return(uses);
        Assert.Equal(3, shapes.Take().Sum(use => use.Count));
        var none = new QueryShapes(limit: 0, TimeProvider.System);
        none.RecordCount("model-0", [], 1, TimeSpan.Zero);
        Assert.Empty(none.Take());
        await Task.CompletedTask;
    }

    [Fact]
    public void Repeated_conditions_are_one_shape_and_unused_shapes_make_room()
    {
        var shapes = new QueryShapes(limit: 2, TimeProvider.System);
        var status = Condition("status", Comparison.Equal, "paid");
        for (var i = 1; i <= 5; i++)
            shapes.RecordCount("orders", [.. Enumerable.Repeat(status, i)], 1, TimeSpan.Zero);
        var many = Enumerable.Range(0, 9).Select(i => Condition($"f{i}", Comparison.Equal, i)).ToList();
        shapes.RecordCount("orders", many, 1, TimeSpan.Zero);
        shapes.RecordCount("other", [], 1, TimeSpan.Zero);
        shapes.RecordCount("no room", [], 1, TimeSpan.Zero);

        var first = shapes.Take();
        shapes.RecordCount("orders", [status], 1, TimeSpan.Zero);
        var second = shapes.Take();
        shapes.RecordCount("room", [], 1, TimeSpan.Zero);
        shapes.RecordCount("no room", [], 1, TimeSpan.Zero);
        var third = shapes.Take();

        Assert.Equal(
            [("count of orders where status = ?", 5L), ("count of other", 1L)],
            first.Select(use => (use.Shape.ToString(), use.Count)).Order());
        Assert.Equal(["count of orders where status = ?"], second.Select(use => use.Shape.ToString()));
        Assert.Equal(["count of room"], third.Select(use => use.Shape.ToString()));
    }

    [Fact]
    public async Task A_full_store_forgets_the_shapes_that_were_not_used_for_the_longest_time()
    {
        var time = new ManualClock();
        await using var store = await EventStore.Open(
            new InMemoryStorage(time), EventTypeMap.Empty, new StoreOptions { MaxQueryShapes = 10_000 }, time);
        for (var i = 0; i < QueryUseStore.MaxStored; i++)
            store.Shapes.RecordCount($"old-{i}", [], 1, TimeSpan.Zero);
        await new QueryUseStore(store).Write(CancellationToken.None);
        time.Advance(TimeSpan.FromDays(1));
        for (var i = 0; i < 300; i++)
            store.Shapes.RecordCount($"new-{i}", [], 1, TimeSpan.Zero);
        var oldest = (await store.Storage.Documents.Query(
            new DocumentQuery { Collection = QueryUseStore.Collection, OrderBy = "lastUse", Limit = 10 },
            CancellationToken.None)).Documents;
        var usedAgain = (await store.ListQueries())
            .Where(use => oldest.Any(document => Encoding.UTF8.GetString(document.Body.Span)
                .Contains($"\"{use.Shape.Source}\"", StringComparison.Ordinal)))
            .ToList();
        foreach (var use in usedAgain)
            store.Shapes.RecordCount(use.Shape.Source, [], 1, TimeSpan.Zero);

        await new QueryUseStore(store).Write(CancellationToken.None);

        var uses = await store.ListQueries();
        Assert.Equal(QueryUseStore.MaxStored, uses.Count);
        Assert.Equal(300, uses.Count(use => use.Shape.Source.StartsWith("new", StringComparison.Ordinal)));
        Assert.Equal(10, usedAgain.Count);
        Assert.All(usedAgain, use => Assert.Equal(2, uses.Single(other => other.Shape == use.Shape).Count));
    }

    [Fact]
    public async Task Shapes_are_stored_at_intervals_and_when_the_application_stops()
    {
        var time = new ManualTimeProvider();
        await using var store = await EventStore.Open(new InMemoryStorage(time), EventTypeMap.Empty, time: time);
        using var service = new QueryUseService(store, NullLogger<QueryUseService>.Instance);
        await service.Start(CancellationToken.None);

        _ = await store.Count(EventFilter.OfTypes("a"));
        await Eventually.Get(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(31));
                return await store.ListQueries();
            },
            uses => uses.Count == 1,
            TestNode.WaitTimeout);
        _ = await store.Count(new EventFilter { Source = "b" });
        await service.Stop(CancellationToken.None);

        Assert.Equal(2, (await store.ListQueries()).Count);
    }

    [Fact]
    public async Task Recording_costs_little_compared_with_a_query()
    {
        var shapes = new QueryShapes(limit: 500, TimeProvider.System);
        var query = new DocumentQuery
        {
            Collection = "cargo@1",
            Conditions = [Condition("ship", Comparison.Equal, "Elbe"), Condition("crates", Comparison.Greater, 3)],
        };
        shapes.Record("cargo", query, 1, TimeSpan.Zero);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            shapes.Record("cargo", query, 1, TimeSpan.Zero);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1_000, 0, 400);
        await Task.CompletedTask;
    }

    private static Task<ReadPage<Cargo>> Query(TestNode node, string ship, ConsistencyToken token) =>
        node.Cargo.Query(
            new ReadQuery
            {
                Conditions =
                [
                    Condition("ship", Comparison.Equal, ship), Condition("crates", Comparison.Greater, 3),
                ],
                OrderBy = "crates",
                IsDescending = true,
            },
            token).AsTask();

    private static FieldCondition Condition(string field, Comparison comparison, FieldValue value) =>
        new(field, comparison, value);

    private static Task Write(TestNode node) => new QueryUseStore(node.Store).Write(CancellationToken.None).AsTask();

    private static async Task<IReadOnlyList<string>> Bodies(EventStore store)
    {
        var page = await store.Storage.Documents.Query(
            new DocumentQuery { Collection = QueryUseStore.Collection, Limit = 100 }, CancellationToken.None);
        return [.. page.Documents.Select(document => Encoding.UTF8.GetString(document.Body.Span))];
    }
}
