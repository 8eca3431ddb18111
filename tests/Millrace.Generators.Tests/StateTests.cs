using Millrace.Generators.Tests.Shop;
using Millrace.Storage.InMemory;

namespace Millrace.Generators.Tests;

/// <summary>
/// Tests that the state of an aggregate or a decider is shown and that each member is explained by the event that
/// changed it.
/// </summary>
public sealed class StateTests
{
    private static readonly OrderId FirstOrder = new(new Guid("0192f0c1-2345-7890-abcd-ef0123456789"));
    private static readonly OrderId SecondOrder = new(new Guid("0192f0c1-2345-7890-abcd-ef0123456780"));

    [Fact]
    public async Task State_members_of_every_type_are_shown_as_JSON()
    {
        await using var store = await StoreWithShelf();

        var found = await ExplanationsOf(store).ExplainAggregate(new StreamId("shelf-7"));

        Assert.Equal(
            """
            {"boxes":[{"order":"0192f0c1-2345-7890-abcd-ef0123456789","price":{"amount":1.5,"currency":"EUR"},"note":null},
            {"order":"0192f0c1-2345-7890-abcd-ef0123456780","price":{"amount":20,"currency":"EUR"},"note":null}],
            "prices":{"0192f0c1-2345-7890-abcd-ef0123456789":{"amount":1.5,"currency":"EUR"},
            "0192f0c1-2345-7890-abcd-ef0123456780":{"amount":20,"currency":"EUR"}},
            "places":[{"row":1,"day":"2026-01-02"},{"row":2,"day":"2026-01-02"}],
            "weights":[0.5,1.5],
            "last":"0192f0c1-2345-7890-abcd-ef0123456780","first":"0192f0c1-2345-7890-abcd-ef0123456789",
            "kind":"wellLit","class":"b","anything":"7",
            "top":{"order":"0192f0c1-2345-7890-abcd-ef0123456780","price":{"amount":20,"currency":"EUR"},"note":null},"age":"02:00:00"}
            """.ReplaceLineEndings(""),
            found.Value);
    }

    [Fact]
    public async Task A_member_is_explained_by_the_event_that_changed_it()
    {
        await using var store = await StoreWithShelf();

        var price = await ExplanationsOf(store).Explain("shelf-7.boxes[0].price.amount");
        var kind = await ExplanationsOf(store).Explain("shelf-7.kind");
        var before = await ExplanationsOf(store).Explain("shelf-7.last", new ExplanationOptions { Until = 1 });
        var unknown = await Assert.ThrowsAsync<NothingToExplainException>(() =>
            ExplanationsOf(store).Explain("shelf-7.boxes[0].prize"));
        var none = await ExplanationsOf(store).Explain("shelf-8.kind");

        Assert.Equal((ExplainedKind.Aggregate, "Shelf", "7", "1.5"), (price.Kind, price.Name, price.Key, price.Value));
        Assert.Equal((1, 2, "Shelf.When(ShelfFilled)"), (price.ChangeCount, price.Events, price.Answer!.Rules[0]));
        Assert.Equal((1, "\"wellLit\"", StoredValueState.NotStored), (kind.ChangeCount, kind.Value, kind.Stored.State));
        Assert.Equal(
            ("\"0192f0c1-2345-7890-abcd-ef0123456789\"", StoredValueState.NotCompared),
            (before.Value, before.Stored.State));
        Assert.Equal(["order", "price", "note"], unknown.Known);
        Assert.Equal((false, 0), (none.Exists, none.Events));
    }

    [Fact]
    public async Task A_member_of_the_state_of_a_decider_is_explained_by_the_event_that_changed_it()
    {
        await using var store = await StoreWithLamp("lamp-1");

        var watts = await ExplanationsOf(store).Explain("lamp-1.watts");
        var unknown = await Assert.ThrowsAsync<NothingToExplainException>(() =>
            ExplanationsOf(store).Explain("lamp-1.prize"));
        var removed = await ExplanationsOf(store).Explain("lamp-1.rooms[1]");

        Assert.Equal((ExplainedKind.Decider, "Lamps", "1", null), (watts.Kind, watts.Name, watts.Key, watts.Value));
        Assert.Equal(
            [(null, "60"), ("60", "15"), ("15", "60"), ("60", null)],
            watts.Changes.Reverse().Select(change => (change.Before, change.After)));
        Assert.Equal("Lamps.Evolve(LampSold)", watts.Answer!.Rules[0]);
        Assert.Equal((5, 4), (watts.Events, watts.Answer.Event.Version - 1));
        Assert.Equal(["case", "id"], unknown.Known);
        Assert.Equal("\"kitchen\"", removed.Changes[^1].After);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, """{"case":"lit","watts":60,"rooms":["hall"]}""")]
    [InlineData(2, """{"case":"dimmed","watts":15,"rooms":["hall"],"before":{"case":"lit","watts":60,"rooms":["hall"]}}""")]
    [InlineData(5, """{"case":"soldLamp","id":1}""")]
    public async Task A_state_with_several_cases_is_shown_with_its_case(long position, string? expected)
    {
        await using var store = await StoreWithLamp("lamp-1");

        var view = await ExplanationsOf(store).Show(new StreamId("lamp-1"), position);

        Assert.Equal((expected, "Lamps", 0L), (view.State, view.Aggregate, view.FailureCount));
    }

    [Theory]
    [InlineData("watts-1", "135", 3)]
    [InlineData("room-1", """{"rooms":2}""", 2)]
    public async Task A_state_without_members_and_a_custom_written_state_are_explained_as_a_whole(
        string stream, string value, long changes)
    {
        await using var store = await StoreWithLamp(stream);

        var found = await ExplanationsOf(store).ExplainAggregate(new StreamId(stream));

        Assert.Equal((value, changes), (found.Value, found.ChangeCount));
    }

    [Fact]
    public async Task An_event_that_a_decider_cannot_fold_is_reported_and_skipped()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), Model().EventTypes);
        var lamp = new LampId(1);
        await store.Append(
            new StreamId("lamp-1"),
            ExpectedVersion.NoStream,
            [new LampDimmed(lamp, 1), new LampLit(lamp, 40, "hall")]);

        var found = await ExplanationsOf(store).Explain("lamp-1.watts");

        Assert.Equal(("40", 1L, "It is dark."), (found.Value, found.FailureCount, found.Failures[0].Message));
    }

    [Fact]
    public async Task The_state_before_a_deletion_is_explained_and_the_deletion_is_reported()
    {
        await using var store = await StoreWithShelf();
        await store.Delete(new StreamId("shelf-7"), ExpectedVersion.Any, "emptied", "eve");

        var before = await ExplanationsOf(store).Explain("shelf-7.kind", new ExplanationOptions { Until = 2 });
        var now = await ExplanationsOf(store).ExplainAggregate(new StreamId("shelf-7"));
        var difference = await ExplanationsOf(store).Compare(new StreamId("shelf-7"), 2);

        Assert.Equal(("\"wellLit\"", true, 2), (before.Value, before.Exists, before.Events));
        Assert.Equal((false, 0, "eve"), (now.Exists, now.Events, Assert.Single(now.Removals).User));
        Assert.Contains(difference.Changes, change => change is { ReadModel: null, Kind: DifferenceKind.Gone });
        Assert.Equal("emptied", Assert.Single(difference.After.Removals).Reason);
    }

    private static Explanations ExplanationsOf(EventStore store) => Explanations.Of(store, Model());

    private static ModelCatalog Model()
    {
        var model = new ModelBuilder();
        ShopModel.Register(model);
        return model.BuildCatalog();
    }

    private static async Task<EventStore> StoreWithLamp(string stream)
    {
        var store = await EventStore.Open(new InMemoryStorage(), Model().EventTypes);
        var lamp = new LampId(1);
        await store.Append(
            new StreamId(stream),
            ExpectedVersion.NoStream,
            [
                new LampLit(lamp, 60, "hall"),
                new LampDimmed(lamp, 15),
                new LampLit(lamp, 15, "kitchen"),
                new LampLit(lamp, 60, "hall"),
                new LampSold(lamp),
            ]);
        return store;
    }

    private static async Task<EventStore> StoreWithShelf()
    {
        var store = await EventStore.Open(new InMemoryStorage(), Model().EventTypes);
        var shelf = new ShelfId(7);
        await store.Append(
            StreamId.For("shelf", shelf),
            ExpectedVersion.NoStream,
            [new ShelfFilled(shelf, FirstOrder, 1.5m), new ShelfFilled(shelf, SecondOrder, 20)]);
        return store;
    }
}
