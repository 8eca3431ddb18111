namespace Millrace.Sql.Tests;

/// <summary>Tests the views of events, on every storage.</summary>
public sealed class EventViewTests
{
    private const string Members = "SELECT total, paid, customer, day, paid_at, lines FROM event_order_placed";

    [Theory]
    [StoreKinds]
    public async Task Events_are_counted_by_type_up_to_the_end_of_the_log(StoreKind kind)
    {
        await using var store = await SqlStore.Create(kind);
        await store.Append("order-1", "order.placed", """{"total":10}""", """{"total":20}""");
        var last = await store.Append("order-1", "order.paid", "{}");

        var answer = await store.Run("SELECT type, count(*) AS events FROM events GROUP BY type ORDER BY type");

        Assert.Equal([["order.paid", "1"], ["order.placed", "2"]], answer.Rows);
        Assert.Equal(last, answer.Position);
        Assert.False(answer.IsCut);
    }

    [Theory]
    [StoreKinds]
    public async Task The_view_of_a_type_has_its_members_as_typed_columns(StoreKind kind)
    {
        await using var store = await SqlStore.Create(kind);
        await store.Append(
            "order-1",
            "order.placed",
            """
            {"total":10.50,"paid":true,"customer":"ann","day":"2026-01-31","paid_at":"2026-01-31T10:00:00.5+00:00"}
            """,
            """{"total":7,"paid":false,"customer":null,"lines":[{"sku":"a"}],"day":"2026-02-01"}""");
        await store.Append("order-1", "order.paid", "{}");

        Assert.Equal(
            [
                "10.50|true|ann|2026-01-31|2026-01-31 10:00:00.5+00|NULL",
                "7.00|false|NULL|2026-02-01|NULL|[{\"sku\":\"a\"}]",
            ],
            await store.Rows(Members + " ORDER BY version"));
        Assert.Equal(
            [
                "total DECIMAL(4,2)", "paid BOOLEAN", "customer VARCHAR", "day DATE",
                "paid_at TIMESTAMP WITH TIME ZONE", "lines JSON",
            ],
            await store.Columns(Members));
    }

    [Theory]
    [StoreKinds]
    public async Task An_event_has_the_columns_of_its_record(StoreKind kind)
    {
        await using var store = await SqlStore.Create(kind);
        var id = Guid.CreateVersion7();
        var correlation = Guid.CreateVersion7();
        await store.Store.Append(new StreamId("order-1"), ExpectedVersion.NoStream, [
            NewEvent.FromBytes("order.placed", """{"total":10}"""u8.ToArray()) with
            {
                Id = id,
                CorrelationId = correlation,
                Tags = [new Tag("shop", "paris"), new Tag("vip", "yes")],
                Metadata = new EventMetadata { Source = "shop", UserId = "ann" },
            },
        ]);
        var recorded = await store.Store.Find(id);

        var row = Assert.Single(await store.Rows(
            "SELECT position, stream, category, version, type, schema_version, id, source, user_id, correlation_id, "
                + "causation_id, list_contains(tags, 'shop:paris'), len(tags), content_type, data, metadata->>'user' "
                + "FROM events"));

        Assert.Equal(
            $"1|order-1|order|1|order.placed|1|{id}|shop|ann|{correlation}|NULL|true|2|application/json"
                + """|{"total":10}|ann""",
            row);
        var time = Assert.Single(await store.Rows("SELECT epoch_us(time) FROM events"));
        Assert.Equal((recorded!.Timestamp - DateTimeOffset.UnixEpoch).Ticks / 10, long.Parse(time));
    }

    [Theory]
    [StoreKinds]
    public async Task A_statement_joins_two_types_in_one_state_of_the_log(StoreKind kind)
    {
        await using var store = await SqlStore.Create(kind);
        foreach (var number in Enumerable.Range(1, 1_500))
        {
            await store.Append($"order-{number}", "order.placed", $$"""{"total":{{number}}}""");
            if (number % 3 == 0)
                await store.Append($"order-{number}", "order.paid", "{}");
        }

        Assert.Equal(
            ["500|375750"],
            await store.Rows(
                "SELECT count(*), sum(o.total) FROM event_order_placed o JOIN event_order_paid USING (stream)"));
    }

    [Theory]
    [StoreKinds]
    public async Task Removed_events_are_absent(StoreKind kind)
    {
        await using var store = await SqlStore.Create(kind);
        await store.Append("order-1", "order.placed", "{}", "{}", "{}");
        await store.Append("order-2", "order.placed", "{}");

        await store.Store.Truncate(new StreamId("order-1"), before: 3, "no longer needed", "ann");

        Assert.Equal(
            ["order-1|3", "order-2|1"],
            await store.Rows("SELECT stream, version FROM event_order_placed ORDER BY position"));
    }

    [Fact]
    public async Task Types_with_similar_names_have_views_with_hashes()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("order-1", "order.placed", """{"a":1}""");
        await store.Append("order-1", "order-placed", """{"b":2}""");

        var views = (await store.Sql.ListViews()).Where(static view => view.Kind == SqlViewKind.EventType).ToArray();

        Assert.Equal(2, views.Length);
        Assert.All(views, static view => Assert.Matches("^event_order_placed_[0-9a-f]{8}$", view.Name));
        var placed = views.Single(static view => view.Source == "order.placed").Name;
        Assert.Equal(["1"], await store.Rows($"SELECT a FROM {placed}"));
        var error = await Assert.ThrowsAsync<SqlException>(() => store.Run("SELECT * FROM event_order_placed"));
        Assert.All(views, view => Assert.Contains(view.Name, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_type_with_the_name_of_a_view_with_a_hash_does_not_end_all_statements()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.b", "{}");
        await store.Append("a-1", "a-b", "{}");
        var hashed = (await store.Sql.ListViews()).Single(static view => view.Source == "a.b").Name;
        await store.Append("a-1", hashed["event_".Length..], "{}");

        Assert.Equal(3, (await store.Sql.ListViews()).Count(static view => view.Kind == SqlViewKind.EventType));
    }

    [Fact]
    public async Task Members_with_the_name_of_a_column_get_a_prefix()
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", """{"id":"x","Id":"y","time":5,"data":6,"data_id":7}""");

        Assert.Equal(
            ["x|y|5|6|7"],
            await store.Rows("SELECT data_id, data_id_2, data_time, data_data, data_data_id FROM event_a_done"));
    }

    [Theory]
    [InlineData("SHOW TABLES")]
    [InlineData("show all tables;")]
    [InlineData("SELECT * FROM views ORDER BY name")]
    public async Task The_views_are_listed(string statement)
    {
        await using var store = await SqlStore.Create(StoreKind.Memory);
        await store.Append("a-1", "a.done", "{}");

        Assert.Equal(
            [
                "consumers|consumers|NULL", "dead_letters|dead letters|NULL", "event_a_done|event type|a.done",
                "events|events|NULL", "views|views|NULL",
            ],
            await store.Rows(statement));
    }
}
