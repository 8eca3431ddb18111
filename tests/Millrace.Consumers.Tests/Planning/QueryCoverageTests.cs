using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;

namespace Millrace.Tests.Planning;

/// <summary>Tests that stores record on which days queries were not counted.</summary>
public sealed class QueryCoverageTests
{
    private readonly ManualClock _time = new();

    [Fact]
    public async Task Omissions_belong_to_the_day_on_which_they_occurred()
    {
        await using var store = await Open(new InMemoryStorage(_time), maxShapes: 1);
        var uses = new QueryUseStore(store);
        store.Shapes.RecordCount("a", [], 1, TimeSpan.Zero);
        await uses.Write(CancellationToken.None);
        store.Shapes.RecordCount("b", [], 1, TimeSpan.Zero); // No room.
        var day = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromDays(1));
        store.Shapes.RecordCount("a", [], 1, TimeSpan.Zero);

        await uses.Write(CancellationToken.None);

        Assert.Equal([(KeyOf(day), true), (KeyOf(_time.GetUtcNow()), false)], await Days(store));
    }

    [Fact]
    public async Task A_node_that_counts_nothing_is_noted_if_others_count()
    {
        var storage = new InMemoryStorage(_time);
        await using var store = await Open(storage, maxShapes: 10);
        await using var other = await Open(storage, maxShapes: 0);
        var uses = new QueryUseStore(store);
        await new QueryUseStore(other).Write(CancellationToken.None);
        var before = await Days(store);
        store.Shapes.RecordCount("a", [], 1, TimeSpan.Zero);
        await uses.Write(CancellationToken.None);
        var counted = await Days(store);

        await new QueryUseStore(other).Write(CancellationToken.None);

        var today = KeyOf(_time.GetUtcNow());
        Assert.Empty(before);
        Assert.Equal([(today, false)], counted);
        Assert.Equal([(today, true)], await Days(store));
        Assert.Contains(today, await new QueryCoverageStore(store).FindGap(CancellationToken.None));
    }

    [Fact]
    public async Task A_node_without_queries_stores_the_day_if_queries_were_ever_counted()
    {
        var storage = new InMemoryStorage(_time);
        await using var store = await Open(storage, maxShapes: 10);
        await new QueryUseStore(store).Write(CancellationToken.None);
        var before = await Days(store);
        store.Shapes.RecordCount("a", [], 1, TimeSpan.Zero);
        await new QueryUseStore(store).Write(CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(1));
        await using var restarted = await Open(storage, maxShapes: 10);

        await new QueryUseStore(restarted).Write(CancellationToken.None);

        Assert.Empty(before);
        Assert.Equal(2, (await Days(restarted)).Count);
    }

    [Fact]
    public async Task A_query_without_a_shape_is_an_omission_even_if_no_other_query_is_counted()
    {
        var storage = new InMemoryStorage(_time);
        await using var store = await Open(storage, maxShapes: 10);
        store.Shapes.RecordCount("a", [], 1, TimeSpan.Zero);
        await new QueryUseStore(store).Write(CancellationToken.None);
        await using var other = await Open(storage, maxShapes: 10);
        var many = Enumerable.Range(0, 9).Select(i => new FieldCondition($"f{i}", Comparison.Equal, i)).ToList();
        other.Shapes.RecordCount("a", many, 1, TimeSpan.Zero);

        await new QueryUseStore(other).Write(CancellationToken.None, isLast: true);

        Assert.Equal([(KeyOf(_time.GetUtcNow()), true)], await Days(store));
    }

    [Fact]
    public async Task No_use_is_lost_while_shapes_are_taken()
    {
        var shapes = new QueryShapes(limit: 10, _time);
        const int Count = 40_000;
        var recording = Enumerable.Range(0, 3)
            .Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < Count; i++)
                    shapes.RecordCount("a", [], 1, TimeSpan.Zero);
            }))
            .ToList();
        var taken = 0L;
        while (recording.Exists(static task => !task.IsCompleted))
        {
            taken += shapes.Take().Sum(static use => use.Count);
            taken += shapes.Take().Sum(static use => use.Count); // Often closes the counter.
        }
        await Task.WhenAll(recording);

        Assert.Equal(3 * Count, taken + shapes.Take().Sum(static use => use.Count));
        Assert.Empty(shapes.TakeOmissions());
    }

    [Fact]
    public void Counts_that_cannot_be_returned_are_an_omission()
    {
        var shapes = new QueryShapes(limit: 1, _time);
        shapes.RecordCount("a", [], 1, TimeSpan.Zero);
        var uses = shapes.Take();
        Assert.Empty(shapes.Take()); // Makes room.
        shapes.RecordCount("b", [], 1, TimeSpan.Zero);

        shapes.Return(uses);

        Assert.Single(shapes.TakeOmissions());
        var closed = new QueryCounter(_time.GetUtcNow());
        Assert.Null(closed.TakeOrClose(uses[0].Shape));
        Assert.False(closed.TryAdd(1, TimeSpan.Zero, _time.GetUtcNow()));
        Assert.False(closed.TryReturn(uses[0]));
    }

    private static string KeyOf(DateTimeOffset time) => $"{time:yyyy-MM-dd}";

    private Task<EventStore> Open(IStorage storage, int maxShapes) => EventStore.Open(
        storage, EventTypeMap.Empty, new StoreOptions { MaxQueryShapes = maxShapes }, _time);

    private static async Task<IReadOnlyList<(string Day, bool HasOmissions)>> Days(EventStore store)
    {
        var all = await store.Storage.Documents.ListDefinitions(CancellationToken.None);
        if (all.All(static known => known.Name != QueryCoverageStore.Collection))
            return [];
        var page = await store.Storage.Documents.Query(
            new DocumentQuery { Collection = QueryCoverageStore.Collection, Limit = 100 }, CancellationToken.None);
        return
        [
            .. page.Documents.Select(document => (
                document.Key,
                System.Text.Encoding.UTF8.GetString(document.Body.Span).Contains("true", StringComparison.Ordinal))),
        ];
    }
}
