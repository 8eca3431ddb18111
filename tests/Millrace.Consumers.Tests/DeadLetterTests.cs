using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class DeadLetterTests
{
    private const string Cargo = "cargo@1";
    private const string Name = "clerk";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failing_event_blocks_only_its_own_key(bool isSqlite)
    {
        using var file = new ShopFile();
        await using var node = await TestNode.StartCargo(isSqlite ? file.Open() : new InMemoryStorage());
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("cid", new Loaded("cid", 5));
        await node.Append("cid", new Loaded("cid", -1));
        await node.Append("ada", new Loaded("ada", 8));
        await node.Append("cid", new Loaded("cid", 7));

        var status = await node.WaitUntil(Cargo, status => status is { State: ConsumerState.Live, LagEvents: 0 });
        var letters = await node.ListDeadLetters();

        Assert.Equal(
            [(3, "cid", DeadLetterState.Parked), (5, "cid", DeadLetterState.Waiting)],
            letters.Select(letter => (letter.Position, letter.Key, letter.State)));
        Assert.Equal((2, 5), (status.OpenDeadLetters, status.Checkpoint));
        Assert.Equal(new Cargo("ada", 9, 2, 2), (await node.Cargo.Get("ada")).Value);
        Assert.Equal(new Cargo("cid", 5, 1, 1), (await node.Cargo.Get("cid")).Value);
        Assert.True((await node.Cargo.Get("ada")).IsFresh);
        Assert.Equal(new Freshness(0) { BlockedEvents = 2 }, (await node.Cargo.Get("cid")).Freshness);
        Assert.Equal("stale; by=0; held=2", (await node.Cargo.Query(new ReadQuery())).Freshness.ToString());
        Assert.True((await node.Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
        var bad = letters[0];
        Assert.Equal(
            (1, FailureClass.Permanent, "System.InvalidOperationException"), (bad.Attempts, bad.Class, bad.ErrorType));
        Assert.Contains("less than nothing", bad.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(CargoProjection), bad.Stack, StringComparison.Ordinal);
        Assert.StartsWith("InvalidOperationException-", bad.Cause, StringComparison.Ordinal);
        Assert.Equal((Harbour.StreamOf("cid"), 2L, "ship.loaded"), (bad.Stream, bad.Version, bad.EventType));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_released_event_and_the_blocked_events_are_applied_once_in_order(bool isSqlite)
    {
        using var file = new ShopFile();
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(
            isSqlite ? file.Open() : new InMemoryStorage(),
            host => TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(fix))));
        await node.Append("cid", new Loaded("cid", -1));
        for (var i = 1; i <= 20; i++)
        {
            await node.Append("cid", new Loaded("cid", i));
            await node.Append("ada", new Loaded("ada", 1));
        }
        var letters = await node.WaitForDeadLetters(found => found.Count == 21);
        fix.IsApplied = true;

        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.Append("cid", new Loaded("cid", 100));
        await node.WaitForDeadLetters(found => found.Count == 0);
        var token = await node.Append("cid", new Loaded("cid", 1000));

        Assert.Equal(new Cargo("cid", -1 + 210 + 1100, 23, 23), (await node.Cargo.Get("cid", token)).Value);
        Assert.Equal(new Cargo("ada", 20, 20, 20), (await node.Cargo.Get("ada", token)).Value);
    }

    [Fact]
    public async Task A_handler_with_a_transient_failure_is_retried_while_other_keys_continue()
    {
        var failures = new ConcurrentDictionary<long, int>();
        var handled = new ConcurrentQueue<RecordedEvent>();
        var outcomes = new ConcurrentQueue<FailureOutcome>();
        await using var node = await TestNode.Start(
            add: host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, (recorded, _) =>
        {
            if (recorded.Position % 7 == 3 && failures.AddOrUpdate(recorded.Position, 1, (_, count) => count + 1) <= 2)
                throw new TimeoutException("The printer is busy.");
            handled.Enqueue(recorded);
            return ValueTask.CompletedTask;
        }).OnFailure(policy => policy.Retry(3, TimeSpan.FromMilliseconds(5)).Notify(outcomes.Enqueue))));
        for (var i = 0; i < 60; i++)
            await node.Append($"s{i % 6}", new Loaded($"s{i % 6}", i));

        await node.WaitUntil(Name, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(
            Enumerable.Range(1, 60).Select(i => (long)i), handled.Select(recorded => recorded.Position).Order());
        foreach (var stream in handled.GroupBy(recorded => recorded.Stream))
            Assert.Equal(
                stream.Select(recorded => recorded.Version).Order(), stream.Select(recorded => recorded.Version));
        // Outcomes are reported after they are stored.
        await Eventually.Until(() => InThirdAttempt() >= 9, TestNode.WaitTimeout);
        Assert.Equal(9, InThirdAttempt());
        Assert.Empty(await node.ListDeadLetters());

        int InThirdAttempt() => outcomes.OfType<FailureOutcome.RetrySucceeded>().Count(outcome => outcome.Attempt == 3);
    }

    [Fact]
    public async Task After_its_retries_an_event_is_parked_and_logged()
    {
        var outcomes = new ConcurrentQueue<FailureOutcome>();
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(
                host,
                ConsumerDefinition
                    .Each(Name, EventFilter.All, (_, _) => throw new TimeoutException("Too late."))
                    .OnFailure(policy =>
                        policy
                            .Retry(2, TimeSpan.FromMilliseconds(1))
                            .Permanent<FormatException>()
                            .Notify(outcomes.Enqueue))
            )
        );
        await node.Append("ada", new Loaded("ada", 1));

        var letter = (
            await node.WaitForDeadLetters(found => found.Count == 1 && found[0].State == DeadLetterState.Parked))[0];

        Assert.Equal((3, FailureClass.Transient), (letter.Attempts, letter.Class));
        Assert.True(letter.FirstFailedAt < letter.LastFailedAt);
        // The outcome is reported after it is stored.
        await Eventually.Until(() => !outcomes.IsEmpty, TestNode.WaitTimeout);
        var outcome = Assert.IsType<FailureOutcome.RetryFailed>(Assert.Single(outcomes));
        Assert.Equal((3, "Too late.", 1L), (outcome.Attempts, outcome.LastError, outcome.Position));
    }

    [Fact]
    public async Task A_restart_keeps_attempts_and_retry_times()
    {
        using var file = new ShopFile();
        var attempts = 0;
        void Add(ConsumerHost host) =>
            TestNode.Add(
                host,
                ConsumerDefinition
                    .Each(
                        Name,
                        EventFilter.All,
                        (recorded, _) =>
                        {
                            if (recorded.Stream.Key == "ada")
                            {
                                Interlocked.Increment(ref attempts);
                                throw new TimeoutException("Not now.");
                            }
                            return ValueTask.CompletedTask;
                        }
                    )
                    .OnFailure(policy => policy.Retry(5, TimeSpan.FromHours(1), TimeSpan.FromHours(2))));
        DeadLetter before;
        await using (var first = await TestNode.Start(file.Open(), Add))
        {
            await first.Append("ada", new Loaded("ada", 1));
            before = (await first.WaitForDeadLetters(found => found.Count == 1))[0];
        }

        await using var second = await TestNode.Start(file.Open(), Add);
        await second.Append("ada", new Loaded("ada", 2));
        await second.Append("bea", new Loaded("bea", 2));
        await second.WaitUntil(Name, status => status.LagEvents == 0);
        var after = await second.ListDeadLetters();

        Assert.Equal(before, after[0]);
        Assert.True(after[0].RetryAt > DateTimeOffset.UtcNow.AddMinutes(30));
        Assert.Equal([DeadLetterState.RetryAt, DeadLetterState.Waiting], after.Select(letter => letter.State));
        Assert.Equal(1, attempts);
    }

    [Theory]
    [InlineData(3, 100, 5)]
    [InlineData(100, 4, 5)]
    public async Task A_full_backlog_stalls_the_consumer_until_a_decision(
        int perKey, int inAll, long stopsAt)
    {
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(
            add: host => TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(fix))),
            configure: options => (options.MaxWaitingPerKey, options.MaxDeadLetters) = (perKey, inAll));
        await node.Append("cid", new Loaded("cid", -1));
        for (var i = 0; i < 10; i++)
            await node.Append("cid", new Loaded("cid", 1));

        var stalled = await node.WaitUntil(
            Cargo, status => status.State == ConsumerState.Stalled && status.Checkpoint == stopsAt - 1);
        var letters = await node.ListDeadLetters();
        fix.IsApplied = true;
        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil(
            Cargo, status => status is { State: ConsumerState.Live, LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(stopsAt, stalled.Problem!.Position);
        Assert.Equal(4, letters.Count);
        Assert.Contains("decide about", stalled.Error, StringComparison.Ordinal);
        Assert.Equal(new Cargo("cid", 9, 11, 11), (await node.Cargo.Get("cid")).Value);
    }

    [Fact]
    public async Task A_rebuild_repeats_skipped_and_discarded_events()
    {
        await using var node = await TestNode.StartCargo();
        foreach (var ship in (string[])["ada", "bea"])
        {
            foreach (var crates in (int[])[1, -1, 10])
                await node.Append(ship, new Loaded(ship, crates));
        }
        var letters = await node.WaitForDeadLetters(found => found.Count == 4);

        await node.Decide(letters.First(letter => letter.Key == "ada"), DeadLetterDecision.Skip);
        await node.Decide(letters.First(letter => letter.Key == "bea"), DeadLetterDecision.Discard);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);
        foreach (var ship in (string[])["ada", "bea"])
            await node.Append(ship, new Loaded(ship, 100));

        Cargo[] expected = [new("ada", 111, 3, 4), new("bea", 101, 2, 4)];
        await Expect();
        await node.Projections.Rebuild(Cargo);
        await Expect();
        Assert.True((await node.Projections.Check(Cargo, TestNode.WaitTimeout)).IsSound);
        letters = await node.ListDeadLetters();
        Assert.Equal(
            [(2, DeadLetterState.Skipped), (5, DeadLetterState.Discarded), (6, DeadLetterState.Discarded)],
            letters.Select(letter => (letter.Position, letter.State)));
        Assert.All(letters, letter => Assert.Equal(("ada", "because"), (letter.User, letter.Reason)));

        async Task Expect()
        {
            await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });
            foreach (var cargo in expected)
                Assert.Equal(cargo, (await node.Cargo.Get(cargo.Ship)).Value);
        }
    }

    [Fact]
    public async Task An_edited_event_is_handled_as_corrected_also_in_a_rebuild()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1));
        await node.Append("ada", new Loaded("ada", 10));
        var letters = await node.WaitForDeadLetters(found => found.Count == 2);

        await node.Decide(letters[0], DeadLetterDecision.Retry, """{"ship":"ada","crates":5}"""u8.ToArray());
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal(new Cargo("ada", 15, 2, 2), (await node.Cargo.Get("ada")).Value);
        await node.Projections.Rebuild(Cargo);
        Assert.Equal(new Cargo("ada", 15, 2, 2), (await node.Cargo.Get("ada")).Value);
        var kept = Assert.Single(await node.ListDeadLetters());
        Assert.Equal((DeadLetterState.Corrected, 2), (kept.State, kept.Attempts));
        var original = Assert.IsType<Loaded>((await node.Store.Find(kept.EventId))!.Data);
        Assert.Equal(-1, original.Crates);
    }

    [Fact]
    public async Task An_unreadable_event_blocks_its_stream_until_it_is_corrected()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await node.Append("ada", new Loaded("ada", 1));
        await using (var tool = await EventStore.Open(storage, EventTypeMap.Empty))
            await tool.Append(
                Harbour.StreamOf("ada"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("ship.loaded", "{}}"u8.ToArray())]);
        await node.WaitForDeadLetters(found => found.Count == 1);
        await node.Append("ada", new Loaded("ada", 4));
        await node.Append("bea", new Loaded("bea", 4));
        var letters = await node.WaitForDeadLetters(found => found.Count == 2);
        await node.WaitUntil(Cargo, status => status.LagEvents == 0);

        Assert.Equal(new Cargo("ada", 1, 1, 1), (await node.Cargo.Get("ada")).Value);
        Assert.Equal(new Cargo("bea", 4, 1, 1), (await node.Cargo.Get("bea")).Value);
        await node.Decide(letters[0], DeadLetterDecision.Retry, """{"ship":"ada","crates":2}"""u8.ToArray());
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal(new Cargo("ada", 7, 3, 3), (await node.Cargo.Get("ada")).Value);
    }

    [Fact]
    public async Task An_event_of_several_documents_blocks_only_the_failing_document()
    {
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, FussyDocks(fix)));
        await node.Append("ada", new Inspected("ada", ["north", "broken"]));
        await node.Append("ada", new Inspected("ada", ["broken", "south"]));
        await node.Append("ada", new Inspected("ada", ["north"]));
        await node.WaitUntil("docks@1", status => status.LagEvents == 0);
        var model = FussyDocks(fix).CreateReadModel(node.Host);
        var letters = await node.ListDeadLetters();

        Assert.Equal([(1, "broken"), (2, "broken")], letters.Select(letter => (letter.Position, letter.Key)));
        Assert.Equal(
            (2, 1), ((await model.Get("north")).Value!.Inspections, (await model.Get("south")).Value!.Inspections));
        fix.IsApplied = true;
        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil("docks@1", status => status.OpenDeadLetters == 0);

        Assert.Equal(
            (2, 2, 1),
            ((await model.Get("north")).Value!.Inspections, (await model.Get("broken")).Value!.Inspections,
                (await model.Get("south")).Value!.Inspections));
    }

    [Fact]
    public async Task A_decision_made_through_another_node_is_seen_by_the_one_that_runs_the_consumer()
    {
        using var file = new ShopFile();
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(
            file.Open(), host => TestNode.Add(host, Harbour.Cargo(create: () => new CorrectedCargoProjection(fix))));
        await using var other = await TestNode.Start(file.Open(), configure: options => options.IsEnabled = false);
        await node.Append("cid", new Loaded("cid", -1));
        await node.Append("cid", new Loaded("cid", 3));
        var letters = await other.WaitForDeadLetters(found => found.Count == 2);
        Assert.Equal(2, (await other.Cargo.Get("cid")).Freshness.BlockedEvents);
        fix.IsApplied = true;

        await other.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal(new Cargo("cid", 2, 2, 2), (await node.Cargo.Get("cid")).Value);
    }

    [Fact]
    public async Task A_dead_letter_whose_event_was_removed_is_skipped()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("cid", new Loaded("cid", -1));
        await node.Append("cid", new Loaded("cid", 3));
        var letters = await node.WaitForDeadLetters(found => found.Count == 2);
        await node.Store.Truncate(Harbour.StreamOf("cid"), before: 2, "obsolete");

        await node.Decide(letters[0], DeadLetterDecision.Retry);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal(new Cargo("cid", 3, 1, 2), (await node.Cargo.Get("cid")).Value);
        Assert.Contains("removed", Assert.Single(await node.ListDeadLetters()).Reason, StringComparison.Ordinal);
    }

    private static ProjectionDefinition<string, DockLog> FussyDocks(ErrorFix fix) => new()
    {
        Name = "docks",
        Events = [typeof(Inspected)],
        Create = () => new FailingDockProjection(fix),
        Document = HarbourJson.Default.DockLog,
    };

    private sealed class FailingDockProjection(ErrorFix fix) : Projection<string, DockLog>
    {
        private readonly DockProjection _docks = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _docks.CollectKeys(recorded, keys);

        protected internal override DockLog? Fold(string key, DockLog? document, RecordedEvent recorded) =>
            key == "broken" && !fix.IsApplied
                ? throw new InvalidOperationException("The dock is broken.")
                : _docks.Fold(key, document, recorded);
    }
}

/// <summary>A switch with which a test fixes an error while the node runs.</summary>
internal sealed class ErrorFix
{
    private volatile bool _isApplied;

    public bool IsApplied
    {
        get => _isApplied;
        set => _isApplied = value;
    }
}

/// <summary>The cargo projection, which fails on negative loads until the test applies the fix.</summary>
internal sealed class CorrectedCargoProjection(ErrorFix fix) : Projection<string, Cargo>
{
    private readonly CargoProjection _cargo = new();

    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        _cargo.CollectKeys(recorded, keys);

    protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded)
    {
        if (recorded.Data is not Loaded { Crates: < 0 } loaded || !fix.IsApplied)
            return _cargo.Fold(key, document, recorded);
        var before = document ?? new Cargo(key, 0, 0, 0);
        return new Cargo(key, before.Crates + loaded.Crates, before.Changes + 1, recorded.Version);
    }
}
