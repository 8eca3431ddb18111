using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests of the view of a stream at a position: its documents, its dead letters, and the differences between
/// two positions.</summary>
public sealed class EntityViewTests
{
    [Fact]
    public async Task A_stream_is_shown_as_it_was_with_the_documents_that_its_events_are_in()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3), new Inspected("ada", ["east", "west"]));
        await node.Append("bob", new Inspected("bob", ["east"]));
        await node.Append("ada", new Loaded("ada", 4));
        var explanations = ExplanationsOf(node);

        var first = await explanations.Show(Harbour.StreamOf("ada"), 2);
        var now = await explanations.Show(Harbour.StreamOf("ada"));
        var before = await explanations.Show(Harbour.StreamOf("bob"), 2);

        Assert.Equal((2, 2, true, "ship.inspected"), (first.Position, first.Version, first.Exists, first.Last!.Type));
        Assert.Equal(
            [("cargo", "ada", 1), ("docks", "east", 2), ("docks", "west", 2)],
            first.Documents.Select(document => (document.ReadModel, document.Key, (int)document.Position)));
        Assert.Equal("""{"ship":"ada","crates":3,"changes":1,"last":1}""", first.Documents[0].Value);
        Assert.Equal((4, 3), (now.Position, now.Version));
        Assert.Equal("""{"dock":"east","inspections":2}""", now.Documents[1].Value);
        Assert.Equal((false, 0, 0), (before.Exists, before.Version, before.Documents.Count));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => explanations.Show(Harbour.StreamOf("ada"), -1));
    }

    [Fact]
    public async Task Two_positions_are_compared_by_field_with_the_events_between()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("bob", new Inspected("bob", ["east"]));
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("ada", new Inspected("ada", ["east"]));
        await node.Append("ada", new Scrapped("ada"));
        var explanations = ExplanationsOf(node);

        var found = await explanations.Compare(Harbour.StreamOf("ada"), 1, 3);
        var scrapped = await explanations.Compare(Harbour.StreamOf("ada"), 3);
        var unchanged = await explanations.Compare(Harbour.StreamOf("ada"), 3, 3);

        Assert.Equal((2, "ship.loaded"), (found.EventCount, found.Events[0].Type));
        Assert.Equal(
            [("cargo", DifferenceKind.Added), ("docks", DifferenceKind.Changed)],
            found.Changes.Select(change => (change.ReadModel!, change.Kind)));
        var field = Assert.Single(found.Changes[1].Fields);
        Assert.Equal(("inspections", "1", "2"), (field.Path, field.Before, field.After));
        Assert.Equal(DifferenceKind.Gone, Assert.Single(scrapped.Changes).Kind);
        Assert.Empty(unchanged.Changes);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            explanations.Compare(Harbour.StreamOf("ada"), 3, 2));
    }

    [Fact]
    public async Task With_too_many_documents_the_same_ones_are_compared_at_both_positions()
    {
        await using var node = await TestNode.Start();
        await node.Append("ada", new Inspected("ada", [.. Enumerable.Range(1, 150).Select(i => $"east-{i}")]));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "again");
        await node.Append("ada", new Inspected("ada", [.. Enumerable.Range(1, 150).Select(i => $"west-{i}")]));

        var found = await ExplanationsOf(node).Compare(Harbour.StreamOf("ada"), 1);

        Assert.Equal((100, 100), (found.Before.MoreDocuments, found.After.MoreDocuments));
        Assert.Equal(
            found.Before.Documents.Select(document => document.Key),
            found.After.Documents.Select(document => document.Key));
        Assert.NotEmpty(found.Changes);
        // Events only add documents here.
        Assert.All(found.Changes, change => Assert.Equal(DifferenceKind.Added, change.Kind));
    }

    [Fact]
    public async Task An_event_with_an_unknown_document_is_reported()
    {
        await using var node = await TestNode.Start();
        // The projection cannot determine the docks of this event.
        await node.Append("bob", new Inspected("bob", null!));
        await node.Append("ada", new Inspected("ada", ["east"]));
        await node.Append("ada", new Inspected("ada", null!));

        var explanations = ExplanationsOf(node);
        var ada = await explanations.Show(Harbour.StreamOf("ada"));
        var bob = await explanations.Show(Harbour.StreamOf("bob"));

        Assert.Equal([1, 3], ada.Failures.Select(failure => failure.Position).Order());
        Assert.Equal((2, 1), (ada.FailureCount, bob.FailureCount));
    }

    [Fact]
    public async Task Dead_letters_are_shown_from_their_event_until_their_decision()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("ada", new Loaded("ada", -1));
        var letters = await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Parked }]);
        await node.DeadLetters.Skip(letters[0].Id, new DeadLetterNote("eve", "a slip"));
        await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Skipped }]);
        await node.Append("ada", new Loaded("ada", 5));
        var explanations = ExplanationsOf(node);

        var before = await explanations.Show(Harbour.StreamOf("ada"), 1);
        var open = await explanations.Show(Harbour.StreamOf("ada"), 2);
        var decided = await explanations.Show(Harbour.StreamOf("ada"));
        var difference = await explanations.Compare(Harbour.StreamOf("ada"), 2);

        Assert.Empty(before.DeadLetters);
        Assert.Equal(letters[0].Id, Assert.Single(open.DeadLetters).Id);
        Assert.Empty(decided.DeadLetters);
        Assert.Equal(letters[0].Id, Assert.Single(difference.ClosedDeadLetters).Id);
    }

    [Fact]
    public async Task A_stream_that_was_deleted_is_shown_as_it_was_before()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("adam", new Loaded("adam", 9));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "again");
        await node.Append("ada", new Loaded("ada", 4));
        var explanations = ExplanationsOf(node);

        var before = await explanations.Show(Harbour.StreamOf("ada"), 1);
        var now = await explanations.Show(Harbour.StreamOf("ada"));

        Assert.Equal((1, 1), (before.Version, before.Last!.Version));
        Assert.True(now.Version > 1);
        Assert.Equal(now.Version, now.Last!.Version);
    }

    [Fact]
    public async Task A_stream_is_found_by_its_name_or_by_the_only_tag_of_its_category_with_that_value()
    {
        await using var node = await TestNode.Start();
        (string Stream, string Tag)[] tagged =
        [
            ("ship-1", "imo:900"),
            ("ship-2", "imo:901"),
            ("ship-3", "imo:901"),
            ("crew-1", "imo:900"),
        ];
        foreach (var (stream, tag) in tagged)
        {
            await node.Store.Append(
                new StreamId(stream),
                ExpectedVersion.NoStream,
                [new NewEvent(new Loaded(stream, 1)) with { Tags = [Tag.Parse(tag)] }]);
        }
        var explanations = ExplanationsOf(node);

        Assert.Equal(new StreamId("ship-2"), await explanations.FindStream(new StreamId("ship-2")));
        Assert.Equal(new StreamId("ship-1"), await explanations.FindStream(new StreamId("ship-900")));
        Assert.Null(await explanations.FindStream(new StreamId("ship-901")));
        Assert.Null(await explanations.FindStream(new StreamId("ship-902")));
    }

    [Fact]
    public async Task Two_streams_with_the_same_tag_are_ambiguous_for_any_number_of_events()
    {
        await using var node = await TestNode.Start();
        foreach (var (stream, events) in ((string, int)[])[("ship-1", 1_100), ("ship-2", 1), ("ship-3", 1_100)])
        {
            var tag = Tag.Parse(stream == "ship-3" ? "imo:901" : "imo:900");
            var all = Enumerable
                .Range(0, events)
                .Select(_ => new NewEvent(new Loaded(stream, 1)) with { Tags = [tag] });
            await node.Store.Append(new StreamId(stream), ExpectedVersion.NoStream, [.. all]);
        }

        Assert.Null(await ExplanationsOf(node).FindStream(new StreamId("ship-900")));
        Assert.Equal(new StreamId("ship-3"), await ExplanationsOf(node).FindStream(new StreamId("ship-901")));
    }

    [Fact]
    public async Task A_time_maps_to_the_last_position_of_the_log_at_that_time()
    {
        await using var node = await TestNode.Start();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("ada", new Loaded("ada", 4));
        var times = new List<DateTimeOffset>();
        await foreach (var recorded in node.Store.ReadLog(EventFilter.All))
            times.Add(recorded.Timestamp);
        var explanations = ExplanationsOf(node);

        Assert.Equal(0, await explanations.PositionAt(times[0].AddSeconds(-1)));
        Assert.Equal(2, await explanations.PositionAt(times[1]));
        Assert.Equal(2, await explanations.PositionAt(times[1].AddDays(1)));
    }

    private static Explanations ExplanationsOf(TestNode node) =>
        new(node.Host, ExplanationTests.Model(Harbour.Cargo(), Harbour.Docks()));
}
