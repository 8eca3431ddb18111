using System.Text;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Tests that a corrected event with another key moves consistently between documents in folds, checks and
/// explanations.</summary>
public sealed class CorrectedEventTests
{
    private static readonly ProjectionDefinition<string, Cargo> Named = Harbour.Cargo(
        create: static () => new NamedShips(new ErrorFix { IsApplied = true }));

    [Fact]
    public async Task A_check_expects_an_event_in_the_document_to_which_its_correction_moved_it()
    {
        await using var node = await Start();
        await node.Append("x", new Loaded("bad", -1));
        await node.Append("bob", new Loaded("bob", 7));
        await Edit(node, 1, "bob", 7);

        var check = await Check(node);
        var (bob, bad) = (await Explain(node, "cargo/bob.crates"), await Explain(node, "cargo/bad.crates"));

        Assert.Empty(check.Differences);
        Assert.Equal(1, check.Compared);
        Assert.Equal(("14", StoredValueState.Same, 0), (bob.Value, bob.Stored.State, bob.FailureCount));
        Assert.Equal((false, StoredValueState.Same), (bad.Exists, bad.Stored.State));
        Assert.Single(bad.DeadLetters);
    }

    [Fact]
    public async Task An_event_that_was_moved_and_then_skipped_is_in_no_document()
    {
        var fix = new ErrorFix { IsApplied = true };
        var definition = Harbour.Cargo(create: () => new NamedShips(fix));
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        await node.Append("x", new Loaded("bad", -1));
        await node.Append("bob", new Loaded("bob", 7));
        await Edit(node, 1, "bob", 2);
        fix.IsApplied = false;
        await new Projections(node.Host, [definition]).Rebuild("cargo@1");
        var letters = await node.WaitForDeadLetters(all =>
            all.Any(letter => letter is { Key: "bob", State: DeadLetterState.Parked }));
        await node.Decide(letters.First(letter => letter is { Key: "bob", Position: 1 }), DeadLetterDecision.Skip);
        fix.IsApplied = true;
        await node.WaitUntil("cargo@1", status => status.OpenDeadLetters == 0);

        var check = await Check(node);
        var bob = await Explain(node, "cargo/bob.crates");

        Assert.Empty(check.Differences);
        Assert.Equal(("7", StoredValueState.Same, 0), (bob.Value, bob.Stored.State, bob.FailureCount));
    }

    [Fact]
    public async Task A_corrected_event_without_a_key_is_no_failure_of_other_documents()
    {
        await using var node = await Start();
        await node.Append("ada", new Loaded("ada", 3));
        await node.Append("x", new Loaded("", 7));
        await Edit(node, 2, "bob", 7);

        var (ada, bob) = (await Explain(node, "cargo/ada.crates"), await Explain(node, "cargo/bob.crates"));

        Assert.Equal(("3", 0), (ada.Value, ada.FailureCount));
        Assert.Equal(("7", 0, StoredValueState.Same), (bob.Value, bob.FailureCount, bob.Stored.State));
        Assert.True(bob.Answer!.IsCorrected);
        Assert.Empty((await Check(node)).Differences);
    }

    [Fact]
    public async Task A_stream_is_shown_with_the_documents_that_its_corrected_events_are_in()
    {
        await using var node = await Start();
        await node.Append("x", new Loaded("", 7), new Loaded("bad", -1));
        await Edit(node, 1, "bob", 7);
        await Edit(node, 2, "cid", 4);

        var shown = await new Explanations(node.Host, ExplanationTests.Model(Named)).Show(Harbour.StreamOf("x"));

        Assert.Equal(["bob", "cid"], shown.Documents.Select(document => document.Key));
        Assert.All(shown.Documents, document => Assert.NotNull(document.Value));
        Assert.Equal((0, 0), (shown.FailureCount, shown.DeadLetters.Count));
    }

    [Fact]
    public async Task An_event_with_unknown_documents_is_reported_as_a_failure_without_a_dead_letter()
    {
        await using var store = await EventStore.Open(new Storage.InMemory.InMemoryStorage(), Harbour.Types);
        await store.Append(Harbour.StreamOf("x"), ExpectedVersion.NoStream, [new Loaded("", 7), new Loaded("ada", 3)]);

        var shown = await Explanations.Of(store, ExplanationTests.Model(Named)).Show(Harbour.StreamOf("x"));

        Assert.Equal("ada", Assert.Single(shown.Documents).Key);
        Assert.Equal((1, 1), (shown.FailureCount, (int)Assert.Single(shown.Failures).Position));
    }

    private static Task<TestNode> Start() => TestNode.Start(add: static host => TestNode.Add(host, Named));

    private static Task<Explanation> Explain(TestNode node, string path) =>
        new Explanations(node.Host, ExplanationTests.Model(Named)).Explain(path);

    private static Task<ReadModelCheck> Check(TestNode node) =>
        new Projections(node.Host, [Named]).Check("cargo@1", TestNode.WaitTimeout);

    private static async Task Edit(TestNode node, long position, string ship, int crates)
    {
        bool IsEdited(DeadLetter letter) => letter.Position == position && letter.State == DeadLetterState.Parked;
        var letters = await node.WaitForDeadLetters(found => found.Any(IsEdited));
        var payload = Encoding.UTF8.GetBytes($$"""{"ship":"{{ship}}","crates":{{crates}}}""");
        await node.Decide(letters.First(IsEdited), DeadLetterDecision.Retry, payload);
        await node.WaitForDeadLetters(found =>
            found.Any(letter => letter.Position == position && letter.State == DeadLetterState.Corrected)
            || found.Count(letter => letter.Position == position) > 1);
    }

    /// <summary>The cargo of ships with a name; the key of other events is unknown. Two crates fail until the fix is
    /// applied.</summary>
    private sealed class NamedShips(ErrorFix fix) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            if (recorded.Data is Loaded { Ship: "" })
                throw new InvalidOperationException("A ship has a name.");
            _cargo.CollectKeys(recorded, keys);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
            recorded.Data is Loaded { Crates: 2 } && !fix.IsApplied
                ? throw new InvalidOperationException("Not two.")
                : _cargo.Fold(key, document, recorded);
    }
}
