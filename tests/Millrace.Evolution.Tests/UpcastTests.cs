using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests that events of an older build are read as the current event types.</summary>
public sealed class UpcastTests : IDisposable
{
    private static readonly Guid Order = Guid.Parse("0193b1c2-0000-7000-8000-000000000001");
    private static readonly After.OrderId Id = new(Order);

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_stored_event_is_read_as_its_newest_version_and_its_bytes_do_not_change()
    {
        await StoreBefore(new Before.OrderPaid(Order, "r1"), new Before.OrderShipped(Order, "Van"));

        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var events = await after.Read(Order);

        Assert.Equal(
            [new After.OrderPaid(Id, "r1", "card"), new After.OrderShipped(Id, After.Carrier.Van)],
            events.Select(recorded => recorded.Data));
        Assert.Equal([1, 1], events.Select(recorded => recorded.SchemaVersion));
        Assert.Equal($$"""{"order":"{{Order}}","reference":"r1"}""", System.Text.Encoding.UTF8.GetString(events[0].Payload.Span));
    }

    [Fact]
    public async Task Upcasts_run_in_sequence_from_the_stored_to_the_newest_version()
    {
        await StoreBefore(new Before.OrderNoted(Order, "ring twice\nask for Ada"));
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        await after.Append(Order, FromBytes("order.noted", 2, $$"""{"order":"{{Order}}","lines":"one\ntwo\nthree"}"""));
        await after.Append(Order, new After.OrderNoted(Id, ["four"]));

        var events = await after.Read(Order);

        var lines = events.Select(recorded => ((After.OrderNoted)recorded.Data).Lines);
        Assert.Equal([["ring twice", "ask for Ada"], ["one", "two", "three"], ["four"]], lines);
        Assert.Equal([1, 2, 3], events.Select(recorded => recorded.SchemaVersion));
    }

    [Fact]
    public async Task A_stored_event_can_be_read_as_several_events_at_its_position_or_as_none()
    {
        await StoreBefore(
            new Before.OrderCreated(Order, 20.5m, "Mill Lane 1"),
            new Before.OrderViewed(Order),
            new Before.OrderCreated(Order, 3m));

        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var events = await after.Read(Order);
        var parts = events.SelectMany(recorded => recorded.Parts()).ToList();

        Assert.Equal(3, events.Count);
        Assert.Equal(
            [
                (new After.OrderPlaced(Id, new After.Money(20.5m, "GBP")), 1, 1),
                (new After.AddressGiven(Id, "Mill Lane 1"), 1, 1),
                (new After.OrderPlaced(Id, new After.Money(3m, "GBP")), 3, 3),
            ],
            parts.Select(part => (part.Data, part.Version, part.Position)));
        Assert.All(parts, part => Assert.Contains(part.Id, events.Select(recorded => recorded.Id)));
    }

    [Fact]
    public async Task An_appended_old_version_is_read_as_the_newest_version()
    {
        await using var after = await Deployment.Of<After.Shop>(_file.Path);

        await after.Append(Order, new After.OrderShippedV1(Id, "Mail"), new After.OrderPlacedV2(Id, 7m, "EUR"));
        var events = await after.Read(Order);

        Assert.Equal(
            [("order.shipped", 1), ("order.placed", 2)],
            events.Select(recorded => (recorded.Type, recorded.SchemaVersion)));
        Assert.Equal(
            [new After.OrderShipped(Id, After.Carrier.Mail), new After.OrderPlaced(Id, new After.Money(7m, "EUR"))],
            events.Select(recorded => recorded.Data));
    }

    [Fact]
    public async Task A_renamed_type_has_both_stored_names()
    {
        await StoreBefore(new Before.OrderCreated(Order, 1m));
        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        await after.Append(Order, new After.OrderPlaced(Id, new After.Money(2m, "EUR")));

        Assert.Equal(
            ["order.created", "order.placed", "order.viewed"],
            after.Store.Types.StoredNamesOf(typeof(After.OrderPlaced)).Order());
        Assert.Equal(
            ["order.address-given", "order.created", "order.placed"],
            after.Store.Types.StoredNamesOf(typeof(After.AddressGiven)).Order());
    }

    [Fact]
    public async Task Filters_and_conditions_on_a_name_include_its_former_names()
    {
        var types = Renamed.Register(new ModelBuilder()).BuildEventTypes();
        await using var store = await EventStore.Open(new InMemoryStorage(), types);
        var stream = new StreamId("gate-1");
        await store.Append(stream, ExpectedVersion.Any, [FromBytes("gate.open", 1, """{"at":1}""")]);
        await store.Append(stream, ExpectedVersion.Any, [new Renamed.GateOpened(2)]);
        var filter = EventFilter.OfTypes("gate.opened");

        var read = new List<object>();
        await foreach (var recorded in store.ReadLog(filter))
            read.Add(recorded.Data);
        var replayed = await store.Replay(filter, (_, _) => ValueTask.CompletedTask);
        var conditional = new AppendRequest()
            .To(stream, ExpectedVersion.Any, new Renamed.GateOpened(3))
            .OnlyIf(new(filter, after: 2));
        await store.Append(conditional);
        await store.Append(stream, ExpectedVersion.Any, [FromBytes("gate.open", 1, """{"at":4}""")]);
        var late = new AppendRequest()
            .To(stream, ExpectedVersion.Any, new Renamed.GateOpened(5))
            .OnlyIf(new(filter, after: 3));

        Assert.Equal([new Renamed.GateOpened(1), new Renamed.GateOpened(2)], read);
        Assert.Equal(2, replayed.Events);
        await Assert.ThrowsAsync<ConditionFailedException>(() => store.Append(late));
        Assert.Equal(4, await store.Count(filter));
    }

    [Theory]
    [InlineData("order.shipped", 1, """{"order":"no id","carrier":"Van"}""")]
    [InlineData("order.noted", 1, """["an","array"]""")]
    [InlineData("order.noted", 2, """{"order":"0193b1c2-0000-7000-8000-000000000001"}""")]
    [InlineData("order.paid", 1, """{"order":"0193b1c2-0000-7000-8000-000000000001","reference":"a"} more""")]
    [InlineData("order.paid", 7, """{"order":"0193b1c2-0000-7000-8000-000000000001","reference":"a","method":"b"}""")]
    public async Task An_event_that_cannot_be_upcast_is_unreadable_and_its_bytes_are_available(
        string type, int version, string json)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(json);
        var stored = NewEvent.FromBytes(type, bytes) with { SchemaVersion = version };
        await using (var tool = await EventStore.Open(new Sqlite.SqliteStorage(_file.Path), EventTypeMap.Empty))
            await tool.Append(Deployment.StreamOf(Order), ExpectedVersion.Any, [stored]);

        await using var after = await Deployment.Of<After.Shop>(_file.Path);
        var recorded = Assert.Single(await after.Read(Order));

        var unreadable = Assert.IsType<UnreadableEvent>(recorded.Data);
        Assert.Equal(bytes, unreadable.Payload.ToArray());
        Assert.NotEmpty(unreadable.Reason);
    }

    private static NewEvent FromBytes(string type, int version, string json) =>
        NewEvent.FromBytes(type, System.Text.Encoding.UTF8.GetBytes(json)) with { SchemaVersion = version };

    private async Task StoreBefore(params object[] events)
    {
        await using var before = await Deployment.Of<Before.Shop>(_file.Path);
        await before.Append(Order, events);
    }
}
