using System.Collections.Concurrent;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>
/// Tests that the events of a key are handled in order, even when a later event fails before earlier events are
/// handled.
/// </summary>
public sealed class KeyOrderTests
{
    private const string Cargo = "cargo@1";
    private const string Name = "clerk";
    private static readonly DeadLetterNote Note = new("ada", "because");

    [Fact]
    public async Task An_unreadable_correction_does_not_block_earlier_events_in_a_rebuild()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append(
            "ada", new Loaded("ada", 1), new Loaded("ada", 2), new Loaded("ada", -1), new Loaded("ada", 4));
        var bad = (await node.WaitForDeadLetters(found => found.Count == 2))[0];
        await node.DeadLetters.Edit(bad.Id, """{"ship":"ada","crates":"many"}"""u8.ToArray(), Note);
        await node.WaitForDeadLetters(found => found[0].Attempts == 2);

        await node.Projections.Rebuild(Cargo);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: > 0 });
        var letters = await node.ListDeadLetters();

        Assert.Equal(
            [(3, DeadLetterState.Parked), (4, DeadLetterState.Waiting)],
            letters.Select(letter => (letter.Position, letter.State)));
        Assert.Equal(new Cargo("ada", 3, 2, 2), (await node.Cargo.Get("ada")).Value);
        await node.DeadLetters.Edit(bad.Id, """{"ship":"ada","crates":3}"""u8.ToArray(), Note);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);
        Assert.Equal(new Cargo("ada", 10, 4, 4), (await node.Cargo.Get("ada")).Value);
    }

    [Fact]
    public async Task An_unreadable_correction_is_not_applied_again_to_a_document_that_reflects_it()
    {
        var fix = new ErrorFix { IsApplied = true };
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new FixableKeyProjection(fix))));
        await node.Append("ada", new Loaded("ada", 1), new Loaded("ada", -1), new Loaded("ada", 2));
        var bad = (await node.WaitForDeadLetters(found => found.Count == 2))[0];
        await node.DeadLetters.Edit(bad.Id, """{"ship":"ada","crates":7}"""u8.ToArray(), Note);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });
        fix.IsApplied = false;

        await node.Consumers.Reset(Cargo);
        await node.Append("bea", new Loaded("bea", 1));
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0 });

        Assert.Equal(DeadLetterState.Corrected, Assert.Single(await node.ListDeadLetters()).State);
        Assert.Equal(new Cargo("ada", 10, 3, 3), (await node.Cargo.Get("ada")).Value);
    }

    [Fact]
    public async Task Events_before_an_event_with_an_unknown_key_are_not_blocked_by_it()
    {
        // The number of failing events is high, so that each worker has a failure before it reaches the tested stream.
        const int Others = 64;
        var storage = new InMemoryStorage();
        await using (var plain = await TestNode.Start(storage))
        {
            for (var i = 0; i < Others; i++)
                await plain.Append($"s{i}", new Loaded($"s{i}", -1));
            await plain.Append("ada", new Loaded("ada", 1), new Loaded("", 2), new Loaded("ada", 3));
        }
        var handled = new ConcurrentQueue<int>();

        await using var node = await TestNode.Start(
            storage,
            host =>
                TestNode.Add(
                    host,
                    ConsumerDefinition
                        .Each(
                            Name,
                            EventFilter.OfTypes("ship.loaded"),
                            (recorded, _) =>
                            {
                                var crates = ((Loaded)recorded.Data).Crates;
                                handled.Enqueue(crates > 0 ? crates : throw new FormatException("Less than nothing."));
                                return ValueTask.CompletedTask;
                            }
                        )
                        .ByKey(KeyOf)
                        .OnFailure(policy => policy.Permanent<FormatException>().Permanent<InvalidOperationException>())
                )
        );
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal([1], handled);
        Assert.Equal(
            [(Others + 2, DeadLetterState.Parked), (Others + 3, DeadLetterState.Waiting)],
            (await node.ListDeadLetters())
                .Where(letter => letter.Key.Length == 0)
                .Select(letter => (letter.Position, letter.State)));
    }

    [Fact]
    public async Task An_event_with_an_unknown_key_fails_until_its_key_is_known()
    {
        var handled = new ConcurrentQueue<int>();
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.loaded"), (recorded, _) =>
            {
                handled.Enqueue(((Loaded)recorded.Data).Crates);
                return ValueTask.CompletedTask;
            }).ByKey(KeyOf).OnFailure(policy => policy.Permanent<InvalidOperationException>())));

        await node.Append("ada", new Loaded("", 2));
        var letter = (await node.WaitForDeadLetters(found => found is [{ State: DeadLetterState.Parked }]))[0];
        await node.DeadLetters.Retry(letter.Id, Note);
        await node.WaitForDeadLetters(found => found is [{ State: DeadLetterState.Parked, Attempts: 2 }]);
        Assert.Empty(handled);
        await node.DeadLetters.Edit(letter.Id, """{"ship":"ada","crates":3}"""u8.ToArray(), Note);
        await node.WaitUntil(Name, status => status.OpenDeadLetters == 0);

        Assert.Equal([3], handled);
    }

    [Fact]
    public async Task The_earliest_event_of_a_blocked_key_is_parked_for_any_order_of_failures()
    {
        var (events, blockedKeys) = await CreateBlockedKeys("ada", 4);
        var problem = new InvalidOperationException("No.");

        blockedKeys.Fail(events[2], "ada", problem);
        Assert.False(blockedKeys.IsBlocked("ada", 2));
        Assert.True(blockedKeys.IsBlocked("ada", 3) && blockedKeys.IsBlocked("ada", 4));
        blockedKeys.Fail(events[0], "ada", problem);
        blockedKeys.Wait(events[1], "ada");
        blockedKeys.Wait(events[3], "ada");
        var letters = blockedKeys.NewUntil(4);
        blockedKeys.Committed(4);

        Assert.Equal(
            [
                (1, DeadLetterState.Parked),
                (2, DeadLetterState.Waiting),
                (3, DeadLetterState.Waiting),
                (4, DeadLetterState.Waiting),
            ],
            letters.Select(change => (change.DeadLetter.Position, change.DeadLetter.State)).Order());
        Assert.Equal((1, 3), (blockedKeys.Counts[DeadLetterState.Parked], blockedKeys.Counts[DeadLetterState.Waiting]));
        Assert.Null(blockedKeys.TakeDue(DateTimeOffset.MaxValue)); // The first event is parked, so no event is retried.
    }

    [Fact]
    public async Task A_dead_letter_beyond_the_checkpoint_is_not_stored_with_it()
    {
        var (events, blockedKeys) = await CreateBlockedKeys("ada", 3);
        blockedKeys.Fail(events[1], "ada", new InvalidOperationException("No."));

        Assert.Empty(blockedKeys.NewUntil(1));
        Assert.Empty(blockedKeys.Committed(1));
        Assert.True(blockedKeys.HasNew);
        Assert.Equal(2, Assert.Single(blockedKeys.NewUntil(2)).DeadLetter.Position);
        Assert.Equal(2, Assert.Single(blockedKeys.Committed(2)).Position);
        Assert.False(blockedKeys.HasNew);
    }

    private static string KeyOf(RecordedEvent recorded) =>
        recorded.Data is Loaded { Ship.Length: > 0 } loaded
            ? loaded.Ship
            : throw new InvalidOperationException("Which ship?");

    private static async Task<(List<RecordedEvent> Events, BlockedKeys Lines)> CreateBlockedKeys(string ship, int count)
    {
        var options = TestNode.ShortIntervals();
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        var loaded = Enumerable.Range(1, count).Select(crates => new Loaded(ship, crates));
        await store.Append(Harbour.StreamOf(ship), ExpectedVersion.Any, [.. loaded]);
        var events = new List<RecordedEvent>();
        await foreach (var recorded in store.ReadStream(Harbour.StreamOf(ship)))
            events.Add(recorded);
        var rules = new FailureRules(FailurePolicy.Default, isPure: true, options, new Random(1), TimeProvider.System);
        return (events, new BlockedKeys(Name, rules, options));
    }

    /// <summary>
    /// The cargo projection, which cannot determine the ship of an event with seven crates until the fix is applied.
    /// </summary>
    private sealed class FixableKeyProjection(ErrorFix fix) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            if (!fix.IsApplied && recorded.Data is Loaded { Crates: 7 })
                throw new InvalidOperationException("Not seven.");
            _cargo.CollectKeys(recorded, keys);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) =>
            _cargo.Fold(key, document, recorded);
    }
}
