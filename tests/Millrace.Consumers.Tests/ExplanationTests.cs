using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of the explanations of values. An explanation replays only the events of one key.</summary>
public sealed class ExplanationTests
{
    [Fact]
    public async Task The_last_change_is_the_answer_with_rule_event_and_value_before()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3), new Loaded("bob", 9));
        await node.Append("ada", new Loaded("ada", 4));
        var request = new AppendRequest
        {
            CausationId = (await Last(node)).Id,
            CorrelationId = Guid.CreateVersion7(),
            Metadata = new EventMetadata { UserId = "eve", Command = "unload-ship", ApplicationVersion = "1.2.3" },
        };
        var token = (
            await node.Store.Append(request.To(Harbour.StreamOf("ada"), ExpectedVersion.Any, new Unloaded("ada", 2)))
        ).Token;
        await node.Consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout);

        var found = await ExplanationsOf(node).Explain("cargo/ada.crates");

        Assert.Equal(("cargo", "ada", "crates", "5"), (found.Name, found.Key, found.Member, found.Value));
        Assert.Equal(
            (ExplainedKind.Document, true, 4, 3, 3),
            (found.Kind, found.Exists, found.Position, found.Events, found.ChangeCount));
        var answer = found.Answer!;
        Assert.Equal(("7", "5", 4), (answer.Before, answer.After, answer.Event.Position));
        Assert.Equal(["CargoProjection.Fold(Unloaded)"], answer.Rules);
        var metadata = answer.Event.Metadata;
        Assert.Equal(("eve", "unload-ship", "1.2.3"), (metadata.UserId, metadata.Command, metadata.ApplicationVersion));
        Assert.Equal([4, 3, 1], found.Changes.Select(change => change.Event.Position));
        Assert.Equal((null, "3"), (found.Changes[2].Before, found.Changes[2].After));
        Assert.Equal(
            (StoredValueState.Same, "5", "cargo@1"), (found.Stored.State, found.Stored.Value, found.Stored.Collection));
        Assert.Equal(3, Assert.Single(found.Causes).Position);
        Assert.Empty(found.Removals);
        Assert.Empty(found.DeadLetters);
    }

    [Fact]
    public async Task A_limited_number_of_changes_is_returned_and_all_are_counted()
    {
        await using var node = await TestNode.StartCargo();
        for (var i = 1; i <= 50; i++)
            await node.Append("ada", new Loaded("ada", i));

        var explanations = ExplanationsOf(node);
        var few = await explanations.ExplainDocument("cargo", "ada", "crates", new ExplanationOptions { Most = 2 });
        var none = await explanations.ExplainDocument("cargo@1", "ada", "crates", new ExplanationOptions { Most = 0 });
        var before = await explanations.ExplainDocument("cargo", "ada", "crates", new ExplanationOptions { Until = 3 });
        var document = await explanations.Explain("cargo/ada");

        Assert.Equal((50, 2, "1275"), (few.ChangeCount, few.Changes.Count, few.Value));
        Assert.Equal((50, 0), (none.ChangeCount, none.Changes.Count));
        Assert.Equal(
            ("6", 3, StoredValueState.NotCompared), (before.Value, before.Answer!.Event.Position, before.Stored.State));
        Assert.Equal("""{"ship":"ada","crates":1275,"changes":50,"last":50}""", document.Value);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            explanations.Explain("cargo/ada", new ExplanationOptions { Most = -1 }));
    }

    [Fact]
    public async Task Deleted_and_never_created_documents_are_distinguished()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        var token = await node.Append("ada", new Scrapped("ada"));
        await node.Consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout);

        var deleted = await ExplanationsOf(node).Explain("cargo/ada.crates");
        var never = await ExplanationsOf(node).Explain("cargo/bob.crates");

        Assert.Equal(
            (false, null, 2, StoredValueState.Same),
            (deleted.Exists, deleted.Value, deleted.ChangeCount, deleted.Stored.State));
        Assert.Equal(
            ("3", null, "ship.scrapped"), (deleted.Answer!.Before, deleted.Answer.After, deleted.Answer.Event.Type));
        Assert.Equal((false, 0, "bob", "crates"), (never.Exists, never.Events, never.Key, never.Member));
        Assert.Null(never.Answer);
    }

    [Fact]
    public async Task Unknown_names_are_refused_with_the_known_names()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));

        var explanations = ExplanationsOf(node);
        var model = await Assert.ThrowsAsync<NothingToExplainException>(() => explanations.Explain("crago/ada.crates"));
        var member = await Assert.ThrowsAsync<NothingToExplainException>(() => explanations.Explain("cargo/ada.crate"));
        var path = await Assert.ThrowsAsync<NothingToExplainException>(() => explanations.Explain("ship-ada.crates"));

        Assert.Equal(("crago", "cargo"), (model.Name, Assert.Single(model.Known)));
        Assert.Equal(["ship", "crates", "changes", "last"], member.Known);
        Assert.Contains("There are: ship, crates, changes, last.", member.Message, StringComparison.Ordinal);
        Assert.Equal(["cargo/…"], path.Known);
        await Assert.ThrowsAsync<InvalidNameException>(() => explanations.ExplainDocument("cargo", "ada", "crates["));
    }

    [Theory]
    [InlineData("a.b.crates", "a.b", "crates")]
    [InlineData("a.b", "a.b", null)]
    [InlineData("a/b.c/d.crates", "a/b.c/d", "crates")]
    public async Task A_key_can_contain_dots_and_slashes(string path, string key, string? member)
    {
        await using var node = await TestNode.StartCargo();
        foreach (var ship in (string[])["a", "a.b", "a/b.c/d"])
            await node.Append("x", new Loaded(ship, 1));

        var found = await ExplanationsOf(node).Explain($"cargo/{path}");

        Assert.Equal((key, member, true), (found.Key, found.Member, found.Exists));
    }

    [Fact]
    public async Task A_path_means_a_longer_key_also_before_its_document_is_stored()
    {
        await using var node = await TestNode.StartCargo();
        var token = await node.Append("x", new Loaded("a", 1));
        await node.WaitUntil("cargo@1", status => status.Checkpoint >= token.Position);
        await node.PauseAndWait("cargo@1");

        var stored = await ExplanationsOf(node).Explain("cargo/a.crates");
        await node.Append("x", new Loaded("a.crates", 1), new Loaded("a", 1));
        var longer = await ExplanationsOf(node).Explain("cargo/a.crates");

        Assert.Equal(("a", "crates", "1"), (stored.Key, stored.Member, stored.Value));
        Assert.Equal(("a.crates", null, 1), (longer.Key, longer.Member, longer.Events));
    }

    [Fact]
    public async Task Missing_events_of_dead_letters_are_reported_and_corrections_are_applied()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("ada", new Loaded("ada", -1));
        await node.Append("ada", new Loaded("ada", 5));
        var letters = await node.WaitForDeadLetters(all => all.Count == 2 && all[0].State == DeadLetterState.Parked);

        var held = await ExplanationsOf(node).Explain("cargo/ada.crates");
        await node.DeadLetters.Edit(letters[0].Id, """{"ship":"ada","crates":1}"""u8.ToArray(), new DeadLetterNote("eve", "a slip"));
        await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Corrected }]);
        await node.Consumers.WaitFor("cargo@1", await node.Store.GetToken(), TestNode.WaitTimeout);
        var corrected = await ExplanationsOf(node).Explain("cargo/ada.crates");

        Assert.Equal(("3", StoredValueState.Same), (held.Value, held.Stored.State));
        Assert.Equal([2, 3], held.DeadLetters.Select(letter => letter.Position));
        Assert.Equal(("9", StoredValueState.Same), (corrected.Value, corrected.Stored.State));
        Assert.Equal(
            (true, "3", "4"),
            (corrected.Changes[1].IsCorrected, corrected.Changes[1].Before, corrected.Changes[1].After));
        Assert.False(corrected.Changes[0].IsCorrected);
    }

    [Fact]
    public async Task A_different_stored_value_and_removed_events_are_reported()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("ada", new Loaded("ada", 3));
        var token = await node.Append("ada", new Loaded("ada", 4));
        await node.Consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout);
        await node.Store.Truncate(Harbour.StreamOf("ada"), 2, "too old", "eve");

        var found = await ExplanationsOf(node).Explain("cargo/ada.crates");

        Assert.Equal(("4", StoredValueState.Differs, "7"), (found.Value, found.Stored.State, found.Stored.Value));
        var removal = Assert.Single(found.Removals);
        Assert.Equal((1, "too old", "eve"), (removal.Events, removal.Reason, removal.User));
    }

    [Fact]
    public async Task A_read_model_that_lags_is_behind_and_one_that_was_never_built_is_not_stored()
    {
        await using var node = await TestNode.StartCargo();
        var token = await node.Append("ada", new Loaded("ada", 3));
        await node.Consumers.WaitFor("cargo@1", token, TestNode.WaitTimeout);
        await node.PauseAndWait("cargo@1");
        await node.Append("ada", new Loaded("ada", 4));

        var behind = await ExplanationsOf(node).Explain("cargo/ada.crates");
        var other = await ExplanationsOf(node, Harbour.Docks()).Explain("docks/east");

        Assert.Equal(("7", StoredValueState.Behind, "3"), (behind.Value, behind.Stored.State, behind.Stored.Value));
        Assert.Equal(StoredValueState.NotStored, other.Stored.State);
    }

    [Fact]
    public async Task The_live_collection_is_read_and_not_the_first_one()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3));
        var built = await node.Projections.RebuildBeside("cargo");

        var found = await ExplanationsOf(node).Explain("cargo/ada.crates");

        Assert.Equal((built, StoredValueState.Same), (found.Stored.Collection, found.Stored.State));
        Assert.NotEqual("cargo@1", built);
    }

    [Theory]
    [InlineData(ProjectionLifecycle.Inline, StoredValueState.Same)]
    [InlineData(ProjectionLifecycle.Live, StoredValueState.NotStored)]
    public async Task Documents_of_one_stream_are_explained_from_it_as_its_readers_see_it(
        ProjectionLifecycle lifecycle, StoredValueState stored)
    {
        var definition = Harbour.Cargo(lifecycle);
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        await node.Append("ada", new Loaded("ada", 3));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.Any, "again");
        await node.Append("ada", new Loaded("ada", 4));
        await node.Append("bob", new Loaded("bob", 9));

        var found = await ExplanationsOf(node, definition).Explain("cargo/ada.crates");

        Assert.Equal(("4", 1, stored), (found.Value, found.Events, found.Stored.State));
    }

    [Fact]
    public async Task Events_that_cannot_be_read_or_folded_are_reported()
    {
        var storage = new InMemoryStorage();
        // A store without event types does not validate payloads.
        await using var other = await EventStore.Open(storage, EventTypeMap.Empty);
        await other.Append(
            Harbour.StreamOf("ada"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("ship.loaded", "{]"u8.ToArray())]);
        await using var store = await EventStore.Open(storage, Harbour.Types);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 3), new Loaded("ada", -3)]);

        var found = await Explanations.Of(store, Model(Harbour.Cargo())).Explain("cargo/ada.crates");

        Assert.Equal(("3", 2), (found.Value, found.FailureCount));
        Assert.Equal([1, 3], found.Failures.Select(failure => failure.Position).Order());
        Assert.Contains(found.Failures, failure => failure.Message == "Nobody can load less than nothing.");
    }

    private static Explanations ExplanationsOf(TestNode node, params ProjectionDefinition[] definitions) =>
        new(node.Host, Model(definitions.Length == 0 ? [Harbour.Cargo()] : definitions));

    internal static ModelCatalog Model(params ProjectionDefinition[] definitions)
    {
        var model = Harbour.Register(new ModelBuilder()).Json(HarbourJson.Default);
        foreach (var definition in definitions)
        {
            if (definition is ProjectionDefinition<string, Cargo> cargo)
                model.Projection(cargo);
            else
                model.Projection((ProjectionDefinition<string, DockLog>)definition);
        }
        return model.BuildCatalog();
    }

    private static async Task<RecordedEvent> Last(TestNode node)
    {
        await foreach (var recorded in node.Store.ReadLogBackwards(EventFilter.All))
            return recorded;
        throw new InvalidOperationException("There is no event.");
    }
}
