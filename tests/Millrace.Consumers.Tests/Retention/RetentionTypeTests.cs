namespace Millrace.Tests.Retention;

/// <summary>Tests the policies of event types, and policies by a time in the events.</summary>
public sealed class RetentionTypeTests
{
    private static readonly TimeSpan Old = TimeSpan.FromDays(31);
    private static readonly TimeSpan New = TimeSpan.FromDays(1);

    [Theory]
    [StoreKinds]
    public async Task Expired_events_of_a_type_are_removed_from_the_start_of_streams(StoreKind kind)
    {
        await using var sample = await RetentionSample.Create(kind);
        await sample.Append("sensor-1", "sensor.measured", Old);
        await sample.Append("sensor-1", "sensor.measured", Old);
        await sample.Append("sensor-2", "sensor.measured", Old);
        await sample.Append("sensor-2", "sensor.moved", Old);
        await sample.Append("sensor-2", "sensor.measured", Old);
        await sample.Append("sensor-3", "sensor.measured", Old);
        await sample.Append("sensor-1", "sensor.measured", New);
        var retention = sample.Create(options => options.EventType("sensor.measured").DeleteAfter());

        var run = await retention.Run("ann");

        Assert.Equal((3, 4), (run.Streams, run.Events));
        Assert.Equal([3], await sample.Versions("sensor-1"));
        Assert.Equal([2, 3], await sample.Versions("sensor-2"));
        Assert.Empty(await sample.Versions("sensor-3"));
        Assert.Equal(
            ["sensor.moved", "sensor.measured", "sensor.measured", "retention.stream-removed"],
            await sample.LogTypes());
        Assert.Equal(0, (await retention.Plan()).Events);
        Assert.True((await sample.Store.Verify()).IsSound);
    }

    [Fact]
    public async Task A_stream_of_an_aggregate_does_not_lose_its_first_events()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        sample.Aggregates = ["sensor"];
        await sample.Append("sensor-1", "sensor.measured", Old);
        await sample.Append("sensor-1", "sensor.measured", New);
        var retention = sample.Create(options => options.EventType("sensor.measured").DeleteAfter());

        var run = await retention.Run("ann");

        Assert.Equal(0, run.Events);
        Assert.Equal(
            "an aggregate needs the first events of 'sensor'; use a policy for the category",
            Assert.Single(Assert.Single(run.Results).Kept).Reason);
        Assert.Equal([1, 2], await sample.Versions("sensor-1"));
    }

    [Fact]
    public async Task An_expired_stream_with_an_event_that_is_kept_longer_is_kept()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("order-1", "order.placed", Old);
        await sample.Append("order-1", "order.paid", Old);
        await sample.Append("order-2", "order.placed", Old);
        var retention = sample.Create(options =>
        {
            options.Category("order").DeleteAfter();
            options.EventType("order.paid").KeepForever();
        });

        var run = await retention.Run("ann");

        Assert.Equal(1, run.Streams);
        var kept = Assert.Single(Assert.Single(run.Results).Kept);
        Assert.Equal("contains order.paid, which is kept longer", kept.Reason);
        Assert.Equal(["order-1"], kept.Examples);
        Assert.Equal([1, 2], await sample.Versions("order-1"));
    }

    [Fact]
    public async Task A_removal_before_a_time_keeps_streams_with_event_types_that_are_kept_longer_or_archived()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        sample.ArchiveDirectory = "archive"; // Nothing is archived.
        string[] types = ["order.noted", "order.kept", "order.young", "order.filed", "order.expired"];
        foreach (var type in types)
            await sample.Append($"order-{type[6..]}", type, Old);
        await sample.Append("other-1", "order.expired", Old);
        var retention = sample.Create(options =>
        {
            options.EventType("order.kept").KeepForever();
            options.EventType("order.young").DeleteAfter(RetentionPeriod.Days(60));
            options.EventType("order.filed").ArchiveAfter(RetentionPeriod.Days(7));
            options.EventType("order.expired").DeleteAfter(RetentionPeriod.Days(7));
        });

        var plan = await retention.PlanBefore("order", sample.Now - New);
        var events = await retention.DeleteBefore("order", sample.Now - New, "ann");

        Assert.Equal((2, 2), (plan.Events, events));
        Assert.Equal(
            ["order.kept", "order.young", "order.filed"],
            (await sample.LogTypes()).Where(type => type.StartsWith("order.", StringComparison.Ordinal)).SkipLast(1));
        Assert.Equal([1], await sample.Versions("other-1"));
        var result = Assert.Single(plan.Results);
        Assert.Equal(
            [
                "contains order.filed, which is kept longer",
                "contains order.kept, which is kept longer",
                "contains order.young, which is kept longer",
            ],
            result.Kept.Select(kept => kept.Reason));
    }

    [Fact]
    public async Task A_removal_before_a_time_is_refused_for_a_category_whose_policy_keeps_it()
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("contract-1", "contract.signed", Old);
        await sample.Append("person-1", "person.registered", Old);
        var retention = sample.Create(options =>
        {
            options.Category("contract").KeepForever().ErasePersonalDataAfter();
            options.Category("person").ErasePersonalDataAfter();
        });

        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("contract", sample.Now, "ann"));
        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("person", sample.Now, "ann"));
        await Assert.ThrowsAsync<RetentionRefusedException>(
            () => retention.DeleteBefore("acme/visit", sample.Now, "ann"));

        Assert.Equal(["contract.signed", "person.registered"], await sample.LogTypes());
    }

    [Theory]
    [InlineData("\"2025-12-02\"", true)]
    [InlineData("\"2025-12-03\"", false)]
    [InlineData("\"2025-12-02T01:00:00+01:00\"", true)]
    [InlineData("\"2025-12-01T23:59:59.9999999-00:01\"", false)]
    [InlineData("\"2099-01-01\"", false)]
    public async Task A_stream_expires_by_a_time_in_its_last_event_with_the_member(string due, bool isRemoved)
    {
        await using var sample = await RetentionSample.Create(StoreKind.Sqlite);
        await sample.Append("bill-1", "bill.sent", New, """{"terms":{"due":"2020-01-01"}}""");
        await sample.Append("bill-1", "bill.changed", New, $$$"""{"terms":{"due":{{{due}}}}}""");
        await sample.Append("bill-1", "bill.noted", New, """{"text":"x"}""");
        var retention = sample.Create(options => options.Category("bill").DeleteAfter().ByTimeIn("/terms/due"));

        var run = await retention.Run("ann");

        Assert.Equal(isRemoved ? 1 : 0, run.Streams);
    }

    [Theory]
    [InlineData("{}", "no time in /due")]
    [InlineData("""{"due":"yesterday"}""", "no readable time in /due")]
    [InlineData("""{"due":"12/01/2020"}""", "no readable time in /due")]
    [InlineData("""{"due":17}""", "no readable time in /due")]
    [InlineData("""{"due":null}""", "no readable time in /due")]
    [InlineData("not JSON", "no readable time in /due")]
    public async Task A_stream_without_a_time_in_the_member_is_kept(string json, string reason)
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("bill-1", "bill.sent", TimeSpan.FromDays(9_000), json);
        var retention = sample.Create(options => options.Category("bill").DeleteAfter().ByTimeIn("/due"));

        var run = await retention.Run("ann");

        Assert.Equal(reason, Assert.Single(Assert.Single(run.Results).Kept).Reason);
        Assert.Equal([1], await sample.Versions("bill-1"));
    }

    [Theory]
    [InlineData("""{"terms":{"due":null}}""")]
    [InlineData("""{"terms":{"due":"[erased]"}}""")]
    [InlineData("""{"terms":"[erased]"}""")]
    [InlineData("not JSON")]
    public async Task An_earlier_time_does_not_replace_one_that_cannot_be_read(string json)
    {
        await using var sample = await RetentionSample.Create(StoreKind.Memory);
        await sample.Append("bill-1", "bill.sent", TimeSpan.FromDays(9_000), """{"terms":{"due":"2020-01-01"}}""");
        await sample.Append("bill-1", "bill.extended", TimeSpan.FromDays(8_000), json);
        var retention = sample.Create(options => options.Category("bill").DeleteAfter().ByTimeIn("/terms/due"));

        var run = await retention.Run("ann");

        Assert.Equal(0, run.Streams);
        Assert.Equal("no readable time in /terms/due", Assert.Single(Assert.Single(run.Results).Kept).Reason);
        await sample.Append("bill-1", "bill.corrected", TimeSpan.Zero, """{"terms":{"due":"2020-01-01"}}""");
        Assert.Equal(1, (await retention.Run("ann", "run-2")).Streams);
    }
}
