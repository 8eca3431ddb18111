using System.Collections.Concurrent;
using System.Text;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>
/// Tests that a decision about an event is kept when the event is handled again, is blocked or fails.
/// </summary>
public sealed class RepeatedDecisionTests
{
    private const string Cargo = "cargo@1";
    private const string Name = "clerk";

    [Fact]
    public async Task A_corrected_event_keeps_its_dead_letter_after_a_reset()
    {
        var (fix, handled) = (new ErrorFix { IsApplied = true }, new ConcurrentQueue<int>());
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.loaded"), (recorded, _) =>
            {
                var crates = ((Loaded)recorded.Data).Crates;
                if (crates < 0 || !fix.IsApplied)
                    throw new NotSupportedException("No.");
                handled.Enqueue(crates);
                return ValueTask.CompletedTask;
            })));
        await node.Append("ada", new Loaded("ada", 7), new Loaded("ada", -1));
        await Edit(node, 2, "ada", 5);
        var edited = Assert.Single(await node.WaitForDeadLetters(found => found[0].State == DeadLetterState.Corrected));
        fix.IsApplied = false;

        await node.Consumers.Reset(Name);
        var waits = await node.WaitForDeadLetters(found => found.Count == 2);
        await node.Decide(waits[0], DeadLetterDecision.Skip);
        var failed = await node.WaitForDeadLetters(found => found[1].State == DeadLetterState.Parked);
        fix.IsApplied = true;
        await node.Decide(failed[1], DeadLetterDecision.Retry);
        var passed = await node.WaitForDeadLetters(found => found[1].State == DeadLetterState.Corrected);

        Assert.Equal((DeadLetterState.Waiting, edited.Id), (waits[1].State, waits[1].Id));
        Assert.All(
            [waits[1], failed[1], passed[1]],
            letter => Assert.Contains("5", TextOf(letter), StringComparison.Ordinal));
        Assert.Equal([7, 5, 5], handled);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_corrected_event_in_a_blocked_stream_stays_corrected(bool isBeside)
    {
        var fix = new ErrorFix { IsApplied = true };
        var storage = new InMemoryStorage();
        await using var node = await TestNode.Start(
            storage, host => TestNode.Add(host, Harbour.Cargo(create: () => new FixableFailureProjection(fix))));
        await node.Append("ada", new Loaded("ada", 3));
        await using (var tool = await EventStore.Open(storage, EventTypeMap.Empty))
            await tool.Append(
                Harbour.StreamOf("ada"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("ship.loaded", "{}}"u8.ToArray())]);
        await Edit(node, 2, "ada", 2);
        await node.WaitForDeadLetters(found => found[0].State == DeadLetterState.Corrected);

        var cargo = await RebuildWithError(node, fix, isBeside, 2);

        Assert.Equal(new Cargo("ada", 5, 2, 2), cargo("ada"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_moved_to_a_blocked_key_is_not_lost(bool isBeside)
    {
        var fix = new ErrorFix { IsApplied = true };
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new FixableFailureProjection(fix, inFold: true))));
        await node.Append("bea", new Loaded("bea", 3));
        await node.Append("ada", new Loaded("ada", -1));
        await Edit(node, 2, "bea", 5);
        await node.WaitForDeadLetters(found => found[0].State == DeadLetterState.Corrected);

        var cargo = await RebuildWithError(node, fix, isBeside, 2);

        Assert.Equal(8, cargo("bea")!.Crates);
        Assert.Null(cargo("ada"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_skipped_event_in_a_blocked_stream_stays_skipped(bool isBeside)
    {
        var fix = new ErrorFix { IsApplied = true };
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new FixableFailureProjection(fix))));
        await node.Append("ada", new Loaded("ada", 3), new Loaded("ada", -1));
        await node.Decide((await node.WaitForDeadLetters(found => found.Count == 1))[0], DeadLetterDecision.Skip);
        await node.WaitForDeadLetters(found => found[0].State == DeadLetterState.Skipped);

        var cargo = await RebuildWithError(node, fix, isBeside, 1);

        Assert.Equal(new Cargo("ada", 3, 1, 1), cargo("ada"));
    }

    [Fact]
    public async Task An_event_of_a_blocked_stream_changes_only_documents_without_another_decision()
    {
        var fix = new ErrorFix { IsApplied = true };
        var docks = new ProjectionDefinition<string, DockLog>
        {
            Name = "docks",
            Events = [typeof(Inspected)],
            Create = () => new FixableFailureDockProjection(fix),
            Document = HarbourJson.Default.DockLog,
        };
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, docks));
        await node.Append("ada", new Inspected("ada", ["south"]), new Inspected("ada", ["north", "broken"]));
        await node.Decide((await node.WaitForDeadLetters(found => found.Count == 1))[0], DeadLetterDecision.Skip);
        await node.WaitForDeadLetters(found => found[0].State == DeadLetterState.Skipped);
        fix.IsApplied = false;

        await new Projections(node.Host, [docks]).Rebuild("docks@1");
        var letters = await node.WaitForDeadLetters(found => found.Count == 3);
        fix.IsApplied = true;
        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil("docks@1", status => status.OpenDeadLetters == 0);

        var model = docks.CreateReadModel(node.Host);
        Assert.Equal(
            (1, 1), ((await model.Get("south")).Value!.Inspections, (await model.Get("north")).Value!.Inspections));
        Assert.Null((await model.Get("broken")).Value);
    }

    [Fact]
    public async Task An_event_moved_to_another_key_waits_for_earlier_events_of_that_key()
    {
        var (fix, handled) = (new ErrorFix(), new ConcurrentQueue<long>());
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.loaded"), (recorded, _) =>
            {
                if (((Loaded)recorded.Data).Crates < 0 && !fix.IsApplied)
                    throw new NotSupportedException("No.");
                handled.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            }).ByKey(recorded => ((Loaded)recorded.Data).Ship)));
        await node.Append("bea", new Loaded("bea", -1), new Loaded("bea", 2));
        await node.Append("ada", new Loaded("ada", -3));
        var letters = await node.WaitForDeadLetters(found => found.Count == 3);

        await Edit(node, 3, "bea", 5);
        var token = await node.Append("cid", new Loaded("cid", 1));
        await node.Consumers.WaitFor(Name, token, TestNode.WaitTimeout);
        fix.IsApplied = true;
        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil(Name, status => status.OpenDeadLetters == 0);

        Assert.Equal([1L, 2, 3], handled.Where(position => position < 4));
    }

    [Fact]
    public async Task An_unreadable_correction_fails_as_the_same_dead_letter_and_the_next_correction_follows()
    {
        var handled = new ConcurrentQueue<int>();
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Each(
            Name, EventFilter.OfTypes("ship.loaded"), (recorded, _) =>
            {
                var crates = ((Loaded)recorded.Data).Crates;
                handled.Enqueue(crates > 0 ? crates : throw new NotSupportedException("No."));
                return ValueTask.CompletedTask;
            }).ByKey(recorded => ((Loaded)recorded.Data).Ship)));
        await node.Append("ada", new Loaded("ada", -1));

        await CorrectEvent(node, Name, () => node.Consumers.Reset(Name).AsTask());

        Assert.Equal([5, 5], handled);
    }

    [Fact]
    public async Task An_unreadable_correction_of_an_event_fails_as_the_same_dead_letter_and_the_next_one_follows()
    {
        var fix = new ErrorFix { IsApplied = true };
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new FixableFailureProjection(fix))));
        fix.IsApplied = false;
        await node.Append("ada", new Loaded("ada", 3), new Loaded("ada", -1));
        var first = (await node.WaitForDeadLetters(found => found.Count == 2))[0];
        await node.Decide(first, DeadLetterDecision.Skip);

        await CorrectEvent(node, Cargo, () => node.Projections.Rebuild(Cargo));

        Assert.Equal(new Cargo("ada", 5, 1, 2), (await node.Cargo.Get("ada")).Value);
        Assert.True((await node.Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
    }

    /// <summary>
    /// Edits the last event so that it cannot be read, and handles it again. Then edits it correctly and handles it
    /// once more.
    /// </summary>
    private static async Task CorrectEvent(TestNode node, string consumer, Func<Task> begin)
    {
        var letter = (await node.WaitForDeadLetters(found => found is [.., { State: DeadLetterState.Parked }]))[^1];
        await node.Decide(letter, DeadLetterDecision.Retry, """{"ship":"ada","crates":"many"}"""u8.ToArray());
        await node.WaitForDeadLetters(found => found is [.., { State: DeadLetterState.Parked, Attempts: > 1 }]);
        await begin();
        var again = (
            await node.WaitForDeadLetters(found => found is [.., { State: DeadLetterState.Parked, Attempts: 1 }]))[^1];
        await node.Decide(again, DeadLetterDecision.Retry, """{"ship":"ada","crates":5}"""u8.ToArray());
        await node.WaitUntil(consumer, status => status is { LagEvents: 0, OpenDeadLetters: 0 });
        await begin();
        await node.WaitUntil(consumer, status => status is { LagEvents: 0, OpenDeadLetters: 0 });
        Assert.Equal((letter.Id, letter.Key), (again.Id, again.Key));
    }

    /// <summary>
    /// Rebuilds the read model while the first event fails, and then retries this event. Returns the documents.
    /// </summary>
    private static async Task<Func<string, Cargo?>> RebuildWithError(
        TestNode node, ErrorFix fix, bool isBeside, int open)
    {
        fix.IsApplied = false;
        if (isBeside)
            await node.Projections.RebuildBeside("cargo", BuildSwitch.Manual);
        else
            await node.Projections.Rebuild(Cargo);
        var consumer = isBeside ? "cargo@1.2" : Cargo;
        await node.WaitUntil(consumer, status => status.OpenDeadLetters == open);
        var first = (await node.ListDeadLetters()).First(letter => letter.Consumer == consumer && letter.IsOpen);
        fix.IsApplied = true;
        await node.Decide(first, DeadLetterDecision.Retry);
        await node.WaitUntil(consumer, status => status.OpenDeadLetters == 0);
        var documents = new Dictionary<string, Cargo>();
        foreach (var ship in (string[])["ada", "bea"])
        {
            if (await node.Store.Storage.Documents.Get(consumer, ship, CancellationToken.None) is { } stored)
                documents.Add(
                    ship, System.Text.Json.JsonSerializer.Deserialize(stored.Body.Span, HarbourJson.Default.Cargo)!);
        }
        return ship => documents.GetValueOrDefault(ship);
    }

    private static async Task Edit(TestNode node, long position, string ship, int crates)
    {
        var letters = await node.WaitForDeadLetters(found => found.Any(letter => letter.Position == position));
        var payload = Encoding.UTF8.GetBytes($$"""{"ship":"{{ship}}","crates":{{crates}}}""");
        await node.Decide(letters.First(letter => letter.Position == position), DeadLetterDecision.Retry, payload);
    }

    private static string TextOf(DeadLetter letter) => Encoding.UTF8.GetString(letter.EditedPayload!.Value.Span);

    /// <summary>
    /// The cargo projection, which fails for an event with three crates until the fix is applied. It fails either in
    /// the fold or when it determines the key.
    /// </summary>
    private sealed class FixableFailureProjection(ErrorFix fix, bool inFold = false) : Projection<string, Cargo>
    {
        private readonly CargoProjection _cargo = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            ThrowIf(!inFold, recorded);
            _cargo.CollectKeys(recorded, keys);
        }

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
        {
            ThrowIf(inFold, recorded);
            return _cargo.Fold(key, document, recorded);
        }

        private void ThrowIf(bool isFailing, RecordedEvent recorded)
        {
            if (isFailing && !fix.IsApplied && recorded.Data is Loaded { Crates: 3 })
                throw new InvalidOperationException("Not three.");
        }
    }

    private sealed class FixableFailureDockProjection(ErrorFix fix) : Projection<string, DockLog>
    {
        private readonly DockProjection _docks = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys)
        {
            if (recorded.Version == 1 && !fix.IsApplied)
                throw new InvalidOperationException("Not the first.");
            _docks.CollectKeys(recorded, keys);
        }

        protected internal override DockLog? Fold(string key, DockLog? document, RecordedEvent recorded) =>
            key == "broken"
                ? throw new InvalidOperationException("It is broken.")
                : _docks.Fold(key, document, recorded);
    }
}
