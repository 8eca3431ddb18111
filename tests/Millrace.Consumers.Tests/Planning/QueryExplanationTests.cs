using Millrace.Storage;
using Npgsql;

namespace Millrace.Tests.Planning;

/// <summary>Tests that an explanation contains the real plan of a query, its cost and its measured rows.</summary>
public sealed class QueryExplanationTests
{
    private const int Cost = 10;
    private const int ScanCost = 1_000;

    [Theory]
    [StoreKinds]
    public async Task Reads_of_the_log_show_index_scans_full_scans_and_their_sums(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var rare = await store.Explain(Page(EventFilter.OfTypes("order.cancelled")));
        var two = await store.Explain(Page(EventFilter.OfTypes("order.cancelled", "order.returned")));
        var tagged = await store.Explain(Page(EventFilter.WithTags(new Tag("gift", "yes"))));
        var times = await store.Explain(Page(new EventFilter { From = At(1_000), To = At(2_000) }));
        var prefix = await store.Explain(Page(EventFilter.InStreams("order-0199")));
        var all = await store.Explain(Page(EventFilter.InStreams("order-"), limit: 10));
        var source = await store.Explain(Page(new EventFilter { Source = "import", StreamPrefix = "order-" }));

        AssertIndexScan(rare, kind, 10, "type");
        Assert.Equal(10, rare.ReadRows ?? 10);
        Assert.Equal(20, two.Rows);
        Assert.False(two.Plan.HasFullScan);
        Assert.Equal(8, tagged.Rows);
        Assert.False(tagged.Plan.HasFullScan);
        Assert.Equal(1_000, times.Rows);
        Assert.Equal((PlanKind.IndexScan, Cost), (times.Plan.Kind, times.Plan.Cost));
        Assert.Equal(10, prefix.Rows);
        Assert.Equal((PlanKind.FullScan, ScanCost), (all.Plan.Kind, all.Plan.Cost));
        Assert.Equal(10, all.Rows);
        Assert.Equal(6, source.Rows);
        Assert.Equal(kind == StoreKind.Memory, source.Plan.HasFullScan);
        Assert.All(
            (QueryExplanation[])[rare, two, tagged, times, prefix, all, source],
            explained => Assert.True(explained.Plan.Reason.Length > 20, explained.ToString()));
    }

    [Theory]
    [StoreKinds]
    public async Task Several_keys_are_a_complex_plan_whose_cost_is_the_sum_of_its_parts(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var explained = kind == StoreKind.PostgreSql
            ? await store.Explain(
                new DocumentQuery { Collection = OrderSample.ReadModel, OrderBy = "customer", Limit = 5 })
            : await store.Explain(Page(EventFilter.OfTypes("order.cancelled", "order.returned")));

        Assert.Equal(PlanKind.Complex, explained.Plan.Kind);
        Assert.Equal(2, explained.Plan.Parts.Count);
        Assert.Equal(2 * Cost, explained.Plan.Cost);
        Assert.All(explained.Plan.Parts, part => Assert.Equal(PlanKind.IndexScan, part.Kind));
    }

    [Theory]
    [StoreKinds]
    public async Task A_frequent_type_is_read_by_a_scan_of_the_log(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var frequent = await store.Explain(Page(EventFilter.OfTypes("order.placed"), limit: 1_000));

        Assert.Equal(1_000, frequent.Rows);
        if (kind == StoreKind.Memory || frequent.Plan.Index == "events_by_type")
            AssertIndexScan(frequent, kind, 1_000, "type"); // PostgreSQL's index is in the order of positions.
        else
            Assert.Equal((PlanKind.FullScan, ScanCost), (frequent.Plan.Kind, frequent.Plan.Cost));
    }

    [Theory]
    [StoreKinds]
    public async Task Streams_and_claims_are_found_by_their_keys(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var stream = await store.Explain(new StreamPageQuery(new StreamId("order-00042"), 1, false, 10));
        var claim = await store.ExplainClaim("email", "customer-42@example.org");
        var none = await store.ExplainClaim("email", "nobody@example.org");

        AssertIndexScan(stream, kind, 1, "stream");
        AssertIndexScan(claim, kind, 1, "claim");
        Assert.Equal(0, none.Rows);
        Assert.DoesNotContain("customer-42@example.org", claim.Query, StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task Documents_are_found_by_the_index_of_a_field_or_by_a_scan(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var first = await store.Explain(Query("total"));
        var large = await store.Explain(Query("total", ("total", Comparison.GreaterOrEqual, "2990")));
        var scan = await store.Explain(
            Query(null, ("status", Comparison.NotEqual, "paid"), ("total", Comparison.NotEqual, 1)));

        Assert.Equal(20, first.Rows);
        Assert.Equal(10, large.Rows);
        Assert.Equal(20, scan.Rows);
        Assert.Equal((PlanKind.FullScan, ScanCost), (scan.Plan.Kind, scan.Plan.Cost));
        if (kind == StoreKind.Memory)
        {
            Assert.Equal(OrderSample.Orders, large.ReadRows);
            return;
        }
        Assert.Equal(("doc_1_f2", Cost), (first.Plan.Index, first.Plan.Cost));
        Assert.Equal(("doc_1_f2", Cost), (large.Plan.Index, large.Plan.Cost));
        Assert.True(scan.ReadRows is > 20 and < 40, $"{scan.ReadRows} rows were read.");
        Assert.True(large.DatabaseCost > 0);
    }

    [Theory]
    [StoreKinds]
    public async Task Plans_name_the_compared_fields_and_contain_no_values(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        QueryExplanation[] all =
        [
            await store.Explain(Query("total", ("total", Comparison.GreaterOrEqual, 2771))),
            await store.Explain(Query(null, ("customer", Comparison.Equal, @"it's (VALUE) ""x"))),
            await store.Explain(Query(null, ("customer", Comparison.StartsWith, "VALUE"))),
            await store.Explain(Query("customer", ("customer", Comparison.Less, "VALUE"))),
            await store.Explain(Query("status", ("customer", Comparison.NotEqual, "VALUE"))),
            await store.Explain(Page(new EventFilter { Source = "VALUE", From = At(2771) })),
            await store.Explain(Page(EventFilter.WithTags(new Tag("gift", "VALUE")) with { StreamPrefix = "VALUE" })),
            await store.Explain(new StreamPageQuery(new StreamId("VALUE-2771"), 2771, false, 10)),
            await store.ExplainClaim("VALUE", @"VALUE'2771"),
        ];

        Assert.All(all, explained => Assert.DoesNotMatch("VALUE|2771|it's", TextsOf(explained.Plan)));
        if (kind != StoreKind.Memory)
            Assert.Contains("total", all[0].Plan.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [StoreKinds]
    public async Task An_unknown_read_model_or_value_is_refused(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared);

        var missing = await Assert.ThrowsAsync<CollectionNotFoundException>(
            async () => await store.Explain(new DocumentQuery { Collection = "order" }));
        await Assert.ThrowsAsync<InvalidValueException>(
            async () => await store.Explain(Query("total", ("total", Comparison.Equal, "many"))));

        Assert.Equal(["orders"], missing.Known);
    }

    private static void AssertIndexScan(QueryExplanation explained, StoreKind kind, long rows, string index)
    {
        Assert.Equal((PlanKind.IndexScan, Cost), (explained.Plan.Kind, explained.Plan.Cost));
        Assert.Equal(rows, explained.Rows);
        Assert.Contains(index, explained.Plan.Index, StringComparison.Ordinal);
        Assert.Equal(kind == StoreKind.Memory, explained.Plan.Detail is null);
        Assert.True(explained.Duration > TimeSpan.Zero);
    }

    private static string TextsOf(QueryPlan plan) =>
        $"{plan.Index} {plan.Reason} {plan.Detail} {string.Join(' ', plan.Parts.Select(TextsOf))}";

    private static DateTimeOffset At(int order) =>
        new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero).AddMinutes(order);

    private static LogPageQuery Page(EventFilter filter, int limit = 1_000) => new(filter, 1, false, limit);

    private static DocumentQuery Query(
        string? order, params (string Field, Comparison Comparison, FieldValue Value)[] conditions) =>
        new()
        {
            Collection = OrderSample.ReadModel,
            Conditions = [.. conditions.Select(item => new FieldCondition(item.Field, item.Comparison, item.Value))],
            OrderBy = order,
        };

    private static async Task<EventStore> Open(SharedStore shared)
    {
        var storage = shared.OpenWithNodeClock();
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        await Analyze(shared.ConnectionString);
        return await EventStore.Open(storage, EventTypeMap.Empty);
    }

    /// <summary>Collects the statistics that the server otherwise collects after a minute.</summary>
    private static async Task Analyze(string? connectionString)
    {
        if (connectionString is null)
            return;
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("ANALYZE", connection);
        await command.ExecuteNonQueryAsync();
    }
}
