using System.Buffers.Text;
using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests that an explanation from a search in several parts equals the explanation from a single search.
/// </summary>
public sealed class ExplanationContinuationTests
{
    private const int MaxParts = 100;

    private static readonly DateTimeOffset StartTime = new(2026, 1, 1, 10, 0, 0, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(StartTime);

    [Theory]
    [InlineData("ship", 1)]
    [InlineData("crates", 12)]
    public async Task The_last_change_is_returned_also_when_an_earlier_part_found_it(string member, long position)
    {
        await using var store = await Store([
            .. Enumerable.Range(1, 25).Select(i => new Loaded("ada", i <= 12 ? 1 : 0)),
        ]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow()));

        var part = await InParts(explanations, $"cargo/ada.{member}");
        var none = await InParts(explanations, $"cargo/ada.{member}", maxChanges: 0);
        var complete = await explanations.Explain($"cargo/ada.{member}");

        Assert.Equal(
            (position, complete.Value, complete.ChangeCount),
            (part.Answer!.Event.Position, part.Value, part.ChangeCount));
        Assert.Equal((21, 1), (part.SearchedFrom, complete.SearchedFrom));
        Assert.Equal((complete.Answer!.Before, complete.Answer.After), (part.Answer.Before, part.Answer.After));
        Assert.Equal(complete.Answer.Rules, part.Answer.Rules);
        Assert.Equal(complete.Answer.Event.Data, part.Answer.Event.Data);
        Assert.Single(part.Changes);
        Assert.Empty(none.Changes);
    }

    [Fact]
    public async Task Dead_letters_and_failures_of_earlier_parts_are_not_lost()
    {
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(_ => new Loaded("ada", 1))]);
        var edited = """{"ship":"ada","crates":7}"""u8.ToArray();
        await Park(store, CreateDeadLetter(1, DeadLetterState.Corrected) with { EditedPayload = edited });
        await Park(store, CreateDeadLetter(4, DeadLetterState.Skipped));
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(document =>
            document.Last == 3 ? throw new InvalidOperationException("A third one does not fit.") : document)));

        var part = await InParts(explanations, "cargo/ada.ship");
        var complete = await explanations.Explain("cargo/ada.ship");

        Assert.Equal((1, 2, 23), (complete.FailureCount, complete.DeadLetterCount, complete.Events));
        Assert.Equal((1, 2, 23), (part.FailureCount, part.DeadLetterCount, part.Events));
        Assert.Equal(complete.DeadLetters.Select(letter => letter.Id), part.DeadLetters.Select(letter => letter.Id));
        Assert.Equal((1, true), (part.Answer!.Event.Position, part.Answer.IsCorrected));
        Assert.Equal(7, ((Loaded)part.Answer.Event.Data).Crates);
    }

    [Fact]
    public async Task A_search_that_continues_after_a_removal_finds_the_same_as_a_new_one()
    {
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(_ => new Loaded("ada", 1))]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow()));
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10) };
        options.Continuation = (await explanations.Explain("cargo/ada.crates", options)).Continuation;
        await store.Truncate(Harbour.StreamOf("ada"), 6, "too old", "eve");

        var part = await explanations.Explain("cargo/ada.crates", options);
        var complete = await explanations.Explain(
            "cargo/ada.crates", new ExplanationOptions { Moment = HistoryMoment.At(part.Position) });

        Assert.Equal(("15", 15), (part.Value, part.Events));
        Assert.Equal((complete.Value, complete.Events), (part.Value, part.Events));
    }

    [Fact]
    public async Task A_continuation_contains_neither_values_nor_keys_and_is_short_for_a_large_document()
    {
        const string Ship = "ship-of-ada-lovelace";
        await using var store = await Store([.. Enumerable.Range(1, 25).Select(_ => new Loaded(Ship, 1))]);
        var large = new string('A', 100_000);
        var explanations = Explanations.Of(
            store, ExplanationTests.Model(Slow(document => document with { Ship = $"{Ship} {large}" })));
        var limit = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10) };

        var found = await explanations.Explain($"cargo/{Ship}.ship", limit);
        var part = await InParts(explanations, $"cargo/{Ship}.crates");

        Assert.InRange(found.Continuation!.Length, 1, 40);
        Assert.DoesNotContain(Ship, Encoding.Latin1.GetString(Base64Url.DecodeFromChars(found.Continuation)));
        Assert.Equal("25", part.Value);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("other")]
    public async Task A_path_means_the_same_key_in_a_search_in_parts_when_its_longest_key_appears_late(string first)
    {
        await using var store = await Store(
            [.. Enumerable.Repeat(new Loaded(first, 1), 12), .. Enumerable.Repeat(new Loaded("a.crates", 1), 13)]);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow(isSlowToFind: first == "other")));

        var part = await InParts(explanations, "cargo/a.crates");
        var complete = await explanations.Explain(
            "cargo/a.crates", new ExplanationOptions { TimeLimit = TimeSpan.FromMinutes(30) });

        Assert.Equal(("a.crates", null, 13), (complete.Key, complete.Member, complete.Events));
        Assert.Equal(
            (complete.Key, complete.Member, complete.Events, complete.Value),
            (part.Key, part.Member, part.Events, part.Value));
        Assert.Equal(complete.Answer!.Event.Position, part.Answer!.Event.Position);
    }

    [Fact]
    public async Task A_path_of_a_stored_document_means_that_document_in_all_parts()
    {
        var storage = new InMemoryStorage(_time);
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("a", [.. Enumerable.Repeat(new Loaded("a", 1), 12)]);
        var token = await node.Append(
            "a.crates", new Loaded("a.crates", 1), new Scrapped("a.crates"), new Loaded("a", 1));
        await node.WaitUntil("cargo@1", status => status.Checkpoint >= token.Position);
        await using var store = await EventStore.Open(storage, Harbour.Types, time: _time);
        var explanations = Explanations.Of(store, ExplanationTests.Model(Slow()));

        var part = await InParts(explanations, "cargo/a.crates");
        var complete = await explanations.Explain("cargo/a.crates");

        Assert.Equal(
            ("a", "crates", "13", StoredValueState.Same),
            (complete.Key, complete.Member, complete.Value, complete.Stored.State));
        Assert.Equal(
            (complete.Key, complete.Member, complete.Value, complete.Events),
            (part.Key, part.Member, part.Value, part.Events));
    }

    [Fact]
    public async Task The_stored_document_is_compared_also_when_its_last_change_is_in_an_earlier_part()
    {
        var storage = new InMemoryStorage(_time);
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("ada", [.. Enumerable.Repeat(new Loaded("ada", 1), 3)]);
        var token = await node.Append("bob", [.. Enumerable.Repeat(new Loaded("bob", 1), 12)]);
        await node.WaitUntil("cargo@1", status => status.Checkpoint >= token.Position);
        await using var store = await EventStore.Open(storage, Harbour.Types, time: _time);

        var same = await InParts(
            Explanations.Of(store, ExplanationTests.Model(Slow(isSlowToFind: true))), "cargo/ada.crates");
        var other = await InParts(
            Explanations.Of(
                store,
                ExplanationTests.Model(Slow(static document => document with { Crates = 100 }, isSlowToFind: true))),
            "cargo/ada.crates");

        Assert.Equal((StoredValueState.Same, "3"), (same.Stored.State, same.Stored.Value));
        Assert.Equal((StoredValueState.Differs, "3"), (other.Stored.State, other.Stored.Value));
    }

    private static async Task<Explanation> InParts(Explanations explanations, string path, int maxChanges = 20)
    {
        var options = new ExplanationOptions { TimeLimit = TimeSpan.FromSeconds(10), Most = maxChanges };
        var part = await explanations.Explain(path, options);
        for (var i = 1; !part.IsComplete && i < MaxParts; i++)
        {
            options.Continuation = part.Continuation;
            part = await explanations.Explain(path, options);
        }
        Assert.True(part.IsComplete, "The search does not reach the end.");
        return part;
    }

    private static DeadLetter CreateDeadLetter(long position, DeadLetterState state) => new()
    {
        Consumer = "cargo@1",
        Position = position,
        Key = "ada",
        Stream = Harbour.StreamOf("ada"),
        Version = position,
        EventType = "ship.loaded",
        EventId = Guid.CreateVersion7(),
        State = state,
    };

    private static Task<CommitOutcome> Park(EventStore store, DeadLetter letter) =>
        store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] },
            isBackground: false,
            CancellationToken.None);

    private async Task<EventStore> Store(IReadOnlyList<Loaded> events)
    {
        var store = await EventStore.Open(new InMemoryStorage(_time), Harbour.Types, time: _time);
        foreach (var loaded in events)
            await store.Append(Harbour.StreamOf(loaded.Ship), ExpectedVersion.Any, [loaded]);
        return store;
    }

    /// <summary>
    /// Returns a projection that advances the clock by a second for each event, either in its fold or when it
    /// determines the key.
    /// </summary>
    private ProjectionDefinition<string, Cargo> Slow(Func<Cargo, Cargo>? change = null, bool isSlowToFind = false) =>
        Harbour.Cargo(create: () => new SlowProjection(_time, isSlowToFind, change ?? (static document => document)));

    private sealed class SlowProjection(ManualTimeProvider time, bool isSlowToFind, Func<Cargo, Cargo> change)
        : Projection<string, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            if (isSlowToFind)
                time.Advance(TimeSpan.FromSeconds(1));
            keys.Add(recorded.Data is Loaded loaded ? loaded.Ship : ((Scrapped)recorded.Data).Ship);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            if (!isSlowToFind)
                time.Advance(TimeSpan.FromSeconds(1));
            if (recorded.Data is not Loaded loaded)
                return null;
            return change(
                new Cargo(key, (document?.Crates ?? 0) + loaded.Crates, (document?.Changes ?? 0) + 1, recorded.Version)
            );
        }
    }
}
