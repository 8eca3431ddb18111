using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests of explanations of the application's tables. They list the events of a key and the SQL statements of these
/// events.
/// </summary>
public sealed class TableExplanationTests
{
    [Fact]
    public async Task The_events_of_a_key_are_returned_with_their_statements()
    {
        await using var store = await Store();

        var found = await ExplanationsOf(store).Explain("arrivals/quay.ada");

        Assert.Equal(
            (ExplainedKind.Table, "arrivals", "quay.ada", null), (found.Kind, found.Name, found.Key, found.Member));
        Assert.Equal(
            (true, 3, 2, 5, 5, true),
            (found.Exists, found.Events, found.ChangeCount, found.Position, found.Until, found.IsComplete));
        Assert.Equal(StoredValueState.InTables, found.Stored.State);
        Assert.Null(found.Value);
        Assert.Equal([4, 1], found.Changes.Select(change => change.Event.Position));
        Assert.Equal(["Arrivals.Apply(Loaded)"], found.Answer!.Rules);
        Assert.Equal("INSERT INTO arrivals VALUES (?, ?)", Assert.Single(found.Answer.Statements).Sql);
        Assert.Equal(["ada", 4L], found.Answer.Statements[0].Parameters);
        Assert.Equal((null, null), (found.Answer.Before, found.Answer.After));
    }

    [Fact]
    public async Task A_column_is_not_explained_and_the_key_alone_is_enough()
    {
        await using var store = await Store();

        var path = await ExplanationsOf(store).Explain("arrivals/quay.bob.crates");
        var named = await ExplanationsOf(store).ExplainDocument("arrivals@1", "quay.bob", "crates");
        var none = await ExplanationsOf(store).Explain("arrivals/quay.eve");
        var early = await ExplanationsOf(store).Explain("arrivals/quay.ada", new ExplanationOptions { Until = 1 });
        var few = await ExplanationsOf(store).Explain("arrivals/quay.ada", new ExplanationOptions { Most = 1 });

        foreach (var found in (Explanation[])[path, named])
            Assert.Equal(("quay.bob", "crates", null, 1), (found.Key, found.Member, found.Value, found.ChangeCount));
        Assert.Equal((false, 0), (none.Exists, none.Events));
        Assert.Equal((1, 1), (early.Events, early.Position));
        Assert.Equal((2, 4), (few.ChangeCount, Assert.Single(few.Changes).Event.Position));
    }

    [Fact]
    public async Task Events_that_could_not_be_folded_are_reported_and_decided_ones_are_left_out()
    {
        await using var store = await Store();
        await store.Append(
            Harbour.StreamOf("ada"),
            ExpectedVersion.Any,
            [new Loaded("ada", -1), new Loaded("ada", 13)]);
        var letter = new DeadLetter
        {
            Consumer = "arrivals@1",
            Position = 7,
            Key = "quay.ada",
            Stream = Harbour.StreamOf("ada"),
            Version = 5,
            EventType = "ship.loaded",
            EventId = Guid.CreateVersion7(),
            State = DeadLetterState.Skipped,
        };
        await store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] },
            isBackground: false,
            CancellationToken.None);

        var found = await ExplanationsOf(store).Explain("arrivals/quay.ada");

        Assert.Equal((3, 2, 1), (found.Events, found.ChangeCount, found.FailureCount));
        Assert.Equal(
            (6, "Nobody can load less than nothing."), (found.Failures[0].Position, found.Failures[0].Message));
        Assert.Equal(7, Assert.Single(found.DeadLetters).Position);
    }

    [Fact]
    public async Task A_search_stops_at_its_limit()
    {
        var time = new ManualTimeProvider(new DateTimeOffset(2026, 1, 1, 10, 0, 0, TimeSpan.Zero));
        await using var store = await Store(time);
        var slow = new Arrivals(() => time.Advance(TimeSpan.FromSeconds(1)));

        var found = await Explanations.Of(store, ExplanationTests.Model(), [slow]).Explain(
            "arrivals/quay.ada", new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(3) });

        Assert.Equal((4, 5, false), (found.Position, found.Until, found.IsComplete));
    }

    [Fact]
    public async Task A_view_of_a_stream_names_the_keys_that_its_events_have_in_tables()
    {
        await using var store = await Store();

        var view = await ExplanationsOf(store).Show(Harbour.StreamOf("ada"));

        Assert.Equal(new EntityTable("arrivals", "quay.ada", 3, 5), Assert.Single(view.Tables));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_known_names()
    {
        await using var store = await Store();

        var refused = await Assert.ThrowsAsync<NothingToExplainException>(() =>
            ExplanationsOf(store).Explain("arrival/quay.ada"));

        Assert.Equal(["arrivals", "cargo"], refused.Known);
    }

    private static Explanations ExplanationsOf(EventStore store) =>
        Explanations.Of(store, ExplanationTests.Model(Harbour.Cargo()), [new Arrivals(static () => { })]);

    private static async Task<EventStore> Store(TimeProvider? time = null)
    {
        var store = await EventStore.Open(new InMemoryStorage(time ?? TimeProvider.System), Harbour.Types, time: time);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 3)]);
        await store.Append(Harbour.StreamOf("bob"), ExpectedVersion.Any, [new Loaded("bob", 9), new Scrapped("bob")]);
        await store.Append(
            Harbour.StreamOf("ada"),
            ExpectedVersion.Any,
            [new Loaded("ada", 4), new Unloaded("ada", 1)]);
        return store;
    }

    /// <summary>
    /// A projection that records arrivals, but no departures. The keys of its rows consist of quay and ship.
    /// </summary>
    private sealed class Arrivals(Action beforeKey) : SqlProjection("arrivals")
    {
        protected internal override IReadOnlyList<Type> Events => [typeof(Loaded), typeof(Unloaded)];

        protected internal override IReadOnlyList<string> Schema => [];

        protected internal override IReadOnlyList<string> Clear => [];

        protected internal override string Key(RecordedEvent recorded)
        {
            beforeKey();
            return "quay." + (recorded.Data is Loaded loaded ? loaded.Ship : ((Unloaded)recorded.Data).Ship);
        }

        protected internal override void Apply(RecordedEvent recorded, SqlBatch batch)
        {
            if (recorded.Data is Loaded { Crates: < 0 })
                throw new InvalidOperationException("Nobody can load less than nothing.");
            if (recorded.Data is Loaded loaded)
                batch.Add("INSERT INTO arrivals VALUES (?, ?)", loaded.Ship, loaded.Crates);
        }
    }
}
