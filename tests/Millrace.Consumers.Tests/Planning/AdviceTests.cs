using Millrace.Planning;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Tests.Planning;

/// <summary>
/// Tests that advice follows from the remembered queries, is verified, and that advised indexes are built and kept.
/// </summary>
public sealed class AdviceTests
{
    private const string Index = "idx_orders_customer_status_total";

    private static readonly FieldCondition[] Conditions =
    [
        new("status", Comparison.Equal, "paid"),
        new("customer", Comparison.Equal, "customer-4"),
    ];

    [Theory]
    [DatabaseKinds]
    public async Task An_index_is_proposed_verified_built_used_and_removed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        await Remember(store, "total", count: 100);
        var before = await store.Explain(Query("total"));

        var advice = Assert.Single(await store.Advise(), found => found.Kind == AdviceKind.CreateIndex);
        var applied = await store.ApplyAdvice(advice.Name);
        var after = await store.Explain(Query("total"));

        Assert.Equal(Index, advice.Name);
        Assert.Equal(["customer", "status", "total"], advice.Fields);
        Assert.Equal((QueryFrequency.VeryHigh, IndexKind.BTree), (advice.Frequency, advice.SuggestedKind));
        Assert.Equal(100, Assert.Single(advice.Queries).Count);
        Assert.NotNull(advice.Trial);
        Assert.True(advice.Trial.IsUsed && advice.Trial.SizeBytes > 0, advice.Trial.ToString());
        Assert.Contains("a copy of 3,000 of 3,000", advice.Trial.Method, StringComparison.Ordinal);
        Assert.True(advice.SavedTime > TimeSpan.Zero);
        Assert.All( // The values are those of a stored document.
            (QueryExplanation[])[advice.Trial.Before, advice.Trial.After, applied.Before, applied.After],
            explained => Assert.DoesNotMatch("customer-|paid|placed|packed|sent", TextsOf(explained.Plan)));
        Assert.DoesNotContain(Index, before.Plan.Index, StringComparison.Ordinal);
        Assert.StartsWith(Index, after.Plan.Index, StringComparison.Ordinal);
        Assert.Equal(PlanKind.IndexScan, after.Plan.Kind);
        Assert.Equal(before.Rows, after.Rows);
        Assert.StartsWith(Index, applied.After.Plan.Index, StringComparison.Ordinal);
        Assert.True(applied.Index.Speedup > 0, applied.ToString()); // Other tests use the processor at the same time.
        Assert.DoesNotContain(await store.Advise(), found => found.Kind == AdviceKind.CreateIndex);
        var listed = Assert.Single(await store.ListAdvisedIndexes());
        Assert.Equal(applied.Index, listed with { Fields = applied.Index.Fields });

        await store.RemoveAdvisedIndex(Index);

        Assert.Empty(await store.ListAdvisedIndexes());
        Assert.DoesNotContain(Index, (await store.Explain(Query("total"))).Plan.Index, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AdviceNotFoundException>(async () => await store.RemoveAdvisedIndex(Index));
        await Assert.ThrowsAsync<AdviceNotFoundException>(async () => await store.ApplyAdvice("idx_other"));
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_index_that_does_not_help_is_not_proposed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        // The index of total alone returns the page at once, and no other index selects fewer documents.
        for (var i = 0; i < 100; i++)
            store.Shapes.Record(
                OrderSample.ReadModel,
                new DocumentQuery
                {
                    Collection = OrderSample.Collection,
                    Conditions = [new FieldCondition("customer", Comparison.GreaterOrEqual, "")],
                    OrderBy = "total",
                },
                20,
                TimeSpan.FromMilliseconds(1));
        await new QueryUseStore(store).Write(CancellationToken.None);

        Assert.DoesNotContain(await store.Advise(), found => found.Kind == AdviceKind.CreateIndex);
    }

    [Fact]
    public async Task A_remembered_query_that_no_longer_fits_its_read_model_does_not_prevent_other_advice()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var store = await Open(shared.OpenWithNodeClock());
        await store.Storage.Documents.EnsureCollection(
            new CollectionDefinition(
                "people@1", [new("email", FieldKind.Hash), new("city", FieldKind.Text)]),
            CancellationToken.None);
        await store.Commit(
            new CommitRequest
            {
                Documents =
                [
                    new DocumentChange
                    {
                        Collection = "people@1",
                        Key = "1",
                        Body = "{}"u8.ToArray(),
                        Fields = [FieldValue.OfHash("hash"), "Rome"],
                    },
                ],
            },
            isBackground: false,
            CancellationToken.None);
        foreach (var comparison in (Comparison[])[Comparison.StartsWith, Comparison.Less])
        {
            var query = new DocumentQuery
            {
                Collection = "people@1",
                Conditions = [new("email", comparison, "a"), new("city", Comparison.Equal, "Rome")],
                OrderBy = comparison == Comparison.Less ? "email" : null,
            };
            for (var i = 0; i < 100; i++)
                store.Shapes.Record("people", query, 1, TimeSpan.FromMilliseconds(1));
        }
        await Remember(store, "total", count: 100);

        var all = await store.Advise();

        Assert.Equal(Index, Assert.Single(all, found => found.Kind == AdviceKind.CreateIndex).Name);
        Assert.Contains(all, found => found is { Kind: AdviceKind.Omission, Source: "people", CanApply: false });
    }

    [Fact]
    public void Different_indexes_have_different_names()
    {
        var candidates = IndexCandidate.Of(
        [
            Use(Shape("unit", ("orderLines", Comparison.Equal)), 10, 1),
            Use(Shape("lines_unit", ("order", Comparison.Equal)), 10, 1),
            Use(Shape("total", ("customer", Comparison.Equal)), 10, 1),
        ]);
        var built = new AdvisedIndex
        {
            Name = "idx_orders_customer_total",
            ReadModel = "orders_customer",
            Fields = ["total"],
            BuiltAt = default,
        };

        var names = IndexCandidate.WithUniqueNames(candidates, [built]).Select(candidate => candidate.Name).ToList();
        var alone = IndexCandidate.WithUniqueNames(candidates, []).Select(candidate => candidate.Name);

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.True(DocumentIndex.IsName(name) && name != built.Name, name));
        Assert.Contains(built.Name, alone);
    }

    [Fact]
    public async Task Views_and_caching_are_proposed_for_frequent_slow_queries_only()
    {
        var uses = new List<QueryUse>
        {
            Use(Shape(null, ("status", Comparison.Equal)) with { IsCount = true }, 400, 20),
            Use(new QueryShape { Source = "orders", OrderBy = "unitPrice" }, 400, 2),
            Use(new QueryShape { Source = "rare", IsCount = true }, 5, 500),
            Use(new QueryShape { Source = "fast", OrderBy = "name" }, 195, 0.01),
            Use(new QueryShape { Source = QueryShape.LogSource, Terms = [new("type", Comparison.Equal)] }, 400, 20),
            Use(new QueryShape { Source = "orders", OrderBy = "unitPrice", IsDescending = true }, 400, 2) with
            {
                Rows = 8_000,
            },
        };
        var costs = new KeptResultCosts(
            TimeSpan.FromMilliseconds(1), new Dictionary<string, long> { ["orders"] = 1_000 });

        var advice = new ResultAdvisor(uses, costs).Advise().ToDictionary(found => found.Name);

        Assert.Equal(
            ["cache_orders_by_unit_price", "cache_orders_by_unit_price_desc", "mv_orders_status"],
            advice.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(TimeSpan.FromSeconds(60), advice["mv_orders_status"].RefreshInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(20), advice["mv_orders_status"].RefreshTime);
        Assert.Equal(TimeSpan.FromSeconds(7.6), advice["mv_orders_status"].SavedTime);
        Assert.Equal(20_100, advice["cache_orders_by_unit_price_desc"].SizeBytes);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task What_no_query_used_for_30_days_is_proposed_for_removal()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var time = new ManualClock();
        await using var store = await Open(shared.OpenWithNodeClock(), time);
        await Remember(store, "total", count: 100);
        await store.ApplyAdvice(Index);
        await RememberDays(store, time, 29);
        Assert.Contains("30 days are needed", await Withheld(store), StringComparison.Ordinal);
        await RememberDays(store, time, 2);
        for (var i = 0; i < 100; i++)
            store.Shapes.RecordCount(OrderSample.ReadModel, [Conditions[0]], 1, TimeSpan.FromTicks(1));
        await new QueryUseStore(store).Write(CancellationToken.None);

        var removals = (await store.Advise()).Where(found => found.Kind == AdviceKind.RemoveIndex).ToList();

        Assert.Equal([(Index, true), ("idx_orders_customer", false), ("idx_orders_total", false)],
            removals.Select(found => (found.Name, found.CanApply)));
        var coverage = new QueryCoverageStore(store);
        coverage.NoteOmission(time.GetUtcNow()); // Today counts as well.
        await coverage.Write(hasUses: true, CancellationToken.None);
        Assert.Contains("did not count all queries", await Withheld(store), StringComparison.Ordinal);
        await RememberDays(store, time, 1);
        Assert.Contains("did not count all queries", await Withheld(store), StringComparison.Ordinal);
        await RememberDays(store, time, 30);
        Assert.Contains(await store.Advise(), found => found.Kind == AdviceKind.RemoveIndex);
        await Remember(store, "total", count: 1);
        Assert.DoesNotContain(await store.Advise(), found => found.Kind == AdviceKind.RemoveIndex);
        await RememberDays(store, time, 60);
        time.Advance(TimeSpan.FromDays(1)); // Nothing was remembered on the last day.
        Assert.Contains("No node remembered queries on", await Withheld(store), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(19, QueryFrequency.Low, IndexKind.None)]
    [InlineData(20, QueryFrequency.Medium, IndexKind.BTree)]
    [InlineData(100, QueryFrequency.High, IndexKind.Hash)]
    [InlineData(400, QueryFrequency.VeryHigh, IndexKind.BTree)]
    public void The_kind_of_an_index_follows_the_frequency(int count, QueryFrequency frequency, IndexKind kind)
    {
        var use = Use(new QueryShape { Source = "a" }, count, 1);
        var frequencies = new Frequencies([use, Use(new QueryShape { Source = "b" }, 1_000 - count, 1)]);

        Assert.Equal(frequency, frequencies.Of([use]));
        Assert.Equal(kind, Frequencies.KindOf(frequency));
    }

    [Fact]
    public void Shapes_share_an_index_when_one_begins_like_the_other()
    {
        var one = Use(Shape("total", ("status", Comparison.Equal), ("customer", Comparison.Equal)), 10, 1);
        var shorter = Use(Shape(null, ("customer", Comparison.Equal), ("status", Comparison.Equal)), 5, 1);
        var range = Use(Shape("status", ("total", Comparison.Less), ("customer", Comparison.NotEqual)), 5, 1);
        var single = Use(Shape("total", ("total", Comparison.Greater)), 5, 1);

        var candidates = IndexCandidate.Of([one, shorter, range, single]);

        Assert.Equal(
            ["customer status total", "status total"],
            candidates.Select(candidate => string.Join(' ', candidate.Fields)).Order(StringComparer.Ordinal));
        Assert.Equal(2, candidates.Single(candidate => candidate.Fields.Count == 3).Uses.Count);
        var name = IndexCandidate.NameOf("idx", new string('x', 60), ["unitPrice"]);
        Assert.Equal(48, name.Length);
        Assert.NotEqual(name, IndexCandidate.NameOf("idx", new string('x', 60), ["name"]));
    }

    private static string TextsOf(QueryPlan plan) =>
        $"{plan.Index} {plan.Reason} {plan.Detail} {string.Join(' ', plan.Parts.Select(TextsOf))}";

    private static QueryShape Shape(string? order, params (string Field, Comparison Comparison)[] terms) => new()
    {
        Source = "orders",
        Terms = [.. terms.Select(term => new QueryTerm(term.Field, term.Comparison)).Order()],
        OrderBy = order,
    };

    private static QueryUse Use(QueryShape shape, long count, double milliseconds) => new()
    {
        Shape = shape,
        Count = count,
        TotalTime = TimeSpan.FromMilliseconds(milliseconds * count),
        FirstUse = DateTimeOffset.UnixEpoch,
        LastUse = DateTimeOffset.UnixEpoch.AddSeconds(60 * count),
    };

    private static DocumentQuery Query(string order) => new()
    {
        Collection = OrderSample.ReadModel,
        Conditions = Conditions,
        OrderBy = order,
    };

    private static async Task Remember(EventStore store, string order, int count)
    {
        for (var i = 0; i < count; i++)
            store.Shapes.Record(OrderSample.ReadModel, Query(order), 1, TimeSpan.FromMilliseconds(1));
        await new QueryUseStore(store).Write(CancellationToken.None);
    }

    /// <summary>Returns why no removals are proposed.</summary>
    private static async Task<string> Withheld(EventStore store)
    {
        var all = await store.Advise();
        Assert.DoesNotContain(all, found => found.Kind == AdviceKind.RemoveIndex);
        return Assert.Single(all, found => found.Name == "removals").Reason;
    }

    private static async Task RememberDays(EventStore store, ManualClock time, int days)
    {
        var coverage = new QueryCoverageStore(store);
        for (var day = 0; day < days; day++)
        {
            await coverage.Write(hasUses: true, CancellationToken.None);
            time.Advance(TimeSpan.FromDays(1));
        }
    }

    private static async Task<EventStore> Open(IStorage storage, TimeProvider? time = null)
    {
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        return await EventStore.Open(storage, EventTypeMap.Empty, time: time);
    }
}
