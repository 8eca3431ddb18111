using Millrace.Explaining;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests that an explanation is limited in size, counts omitted items, and does not mix versions.</summary>
public sealed class ExplanationBoundTests
{
    [Fact]
    public async Task Changes_of_large_values_are_returned_up_to_a_limit_and_all_are_counted()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        for (var i = 1; i <= 150; i++)
            await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", i)]);
        var large = Harbour.Cargo(create: static () =>
            new AlteredCargoProjection((document, _) => document with { Ship = new string('x', 100_000) }));

        var found = await Explanations.Of(store, ExplanationTests.Model(large)).Explain(
            "cargo/ada", new ExplanationOptions { Most = 10_000 });

        Assert.Equal((150, 150), (found.Events, found.ChangeCount));
        Assert.InRange(
            found.Changes.Sum(change => (long)change.After!.Length), 1_000_000, RecentChanges<ValueChange>.MaxBytes);
        Assert.Equal(150, found.Answer!.Event.Position);
        Assert.Same(found.Changes[0].Before, found.Changes[1].After);
        Assert.Same(found.Changes[^2].Before, found.Changes[^1].After);
        Assert.NotNull(found.Changes[^1].Before);
    }

    [Fact]
    public async Task One_search_runs_at_a_time()
    {
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        for (var i = 1; i <= 10; i++)
            await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", i)]);
        var (active, second) = (0, new ManualResetEventSlim());
        var watched = Harbour.Cargo(create: () => new AlteredCargoProjection((document, _) =>
        {
            if (Interlocked.Increment(ref active) > 1)
                second.Set();
            second.Wait(TimeSpan.FromMilliseconds(5)); // A fixed time in which no second search may start.
            Interlocked.Decrement(ref active);
            return document;
        }));
        var explanations = Explanations.Of(store, ExplanationTests.Model(watched));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => explanations.Explain("cargo/ada"))));

        Assert.False(second.IsSet);
    }

    [Fact]
    public async Task Open_and_newest_dead_letters_are_returned_and_all_are_counted()
    {
        await using var node = await TestNode.StartCargo(configure: static options => options.IsEnabled = false);
        await node.Append("ada", [.. Enumerable.Range(1, 130).Select(i => new Loaded("ada", i))]);
        for (var i = 1; i <= 130; i++)
        {
            var letter = new DeadLetter
            {
                Consumer = "cargo@1",
                Position = i,
                Key = "",
                Stream = Harbour.StreamOf("ada"),
                Version = i,
                EventType = "ship.loaded",
                EventId = Guid.CreateVersion7(),
                State = i < 4 ? DeadLetterState.Parked : DeadLetterState.Discarded,
                Message = "It was so.",
            };
            await node.Store.Commit(
                new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] },
                isBackground: false,
                CancellationToken.None);
        }

        var found = await new Explanations(node.Host, ExplanationTests.Model(Harbour.Cargo())).Explain("cargo/ada");

        Assert.Equal((130, 100), (found.DeadLetterCount, found.DeadLetters.Count));
        Assert.Equal([1, 2, 3, 34], found.DeadLetters.Take(4).Select(letter => letter.Position));
        Assert.Equal(130, found.DeadLetters[^1].Position);
        Assert.All(found.DeadLetters, letter => Assert.Equal("It was so.", letter.Message));
    }

    [Fact]
    public async Task A_version_that_was_not_built_yet_is_explained_by_its_own_code_and_decisions()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 3), new Loaded("ada", -1));
        var letters = await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Parked }]);
        await node.Decide(letters[0], DeadLetterDecision.Skip);
        await node.WaitForDeadLetters(all => all is [{ State: DeadLetterState.Skipped }]);
        await node.Consumers.WaitFor("cargo@1", await node.Store.GetToken(), TestNode.WaitTimeout);
        var second = Harbour.Cargo(
            version: 2, create: static () => new AlteredCargoProjection((document, recorded) => document));
        var (both, newest) = (ExplanationTests.Model(Harbour.Cargo(), second), ExplanationTests.Model(second));

        var live = await new Explanations(node.Host, both).Explain("cargo/ada.crates");
        var named = await new Explanations(node.Host, both).Explain("cargo@2/ada.crates");
        var only = await new Explanations(node.Host, newest).Explain("cargo/ada.crates");
        var shown = await new Explanations(node.Host, newest).Show(Harbour.StreamOf("ada"));

        Assert.Equal(("3", StoredValueState.Same), (live.Value, live.Stored.State));
        foreach (var found in (Explanation[])[named, only])
        {
            Assert.Equal(("2", 0), (found.Value, found.DeadLetterCount));
            Assert.Equal(
                (StoredValueState.OtherVersion, "cargo@1", "3"),
                (found.Stored.State, found.Stored.Collection, found.Stored.Value));
        }
        Assert.Contains("\"crates\":2", Assert.Single(shown.Documents).Value, StringComparison.Ordinal);
    }

    /// <summary>
    /// A cargo projection that accepts negative loads. A function of the test can change each folded document.
    /// </summary>
    private sealed class AlteredCargoProjection(Func<Cargo, RecordedEvent, Cargo> change) : Projection<string, Cargo>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((Loaded)recorded.Data).Ship);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            var crates = (document?.Crates ?? 0) + ((Loaded)recorded.Data).Crates;
            return change(new Cargo(key, crates, (document?.Changes ?? 0) + 1, recorded.Version), recorded);
        }
    }
}
