using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

/// <summary>Tests of dead letters together with other failures, other writers and other decisions.</summary>
public sealed class DeadLetterRecoveryTests
{
    private const string Cargo = "cargo@1";

    [Fact]
    public async Task A_dead_letter_that_could_not_be_written_is_written_later()
    {
        var failures = 1;
        var shared = new InMemoryStorage();
        await using var writer = await TestNode.Start(shared); // The commits of this node do not fail.
        await writer.Append("bad", new Loaded("bad", 1));
        await writer.Append("ada", new Loaded("ada", 2));
        var storage = new FaultyStorage(shared)
        {
            FaultOf = request => request.Documents.Any(change => change.Key == "bad") ? CommitFault.Refused
                : request.DeadLetters.Count > 0 && Interlocked.Decrement(ref failures) >= 0 ? CommitFault.Before
                : CommitFault.None,
        };

        await using var node = await TestNode.StartCargo(storage);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 1 });

        Assert.Equal("bad", Assert.Single(await node.ListDeadLetters()).Key);
        Assert.Equal(2, (await node.Cargo.Get("ada")).Value!.Crates);
    }

    [Fact]
    public async Task Uncommitted_events_stay_blocked_after_dead_letters_are_reloaded()
    {
        var options = TestNode.ShortIntervals();
        await using var store = await EventStore.Open(new InMemoryStorage(), Harbour.Types);
        await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.Any, [new Loaded("ada", 1)]);
        var recorded = (await store.ReadStream(Harbour.StreamOf("ada")).FirstAsync())!;
        var rules = new FailureRules(FailurePolicy.Default, isPure: true, options, new Random(1), TimeProvider.System);
        var blockedKeys = new BlockedKeys(Cargo, rules, options);
        blockedKeys.Fail(recorded, "ada", new InvalidOperationException("No."));

        blockedKeys.Load([], DeadLetterResolutions.None);

        Assert.True(blockedKeys.HasNew && blockedKeys.IsBlocked("ada", 1) && !blockedKeys.IsEmpty);
        Assert.Equal(1, blockedKeys.Count);
        Assert.Equal(DeadLetterState.Parked, Assert.Single(blockedKeys.NewUntil(1)).DeadLetter.State);
    }

    [Fact]
    public void A_manual_retry_that_fails_cancels_the_former_retry_time()
    {
        var options = TestNode.ShortIntervals();
        var rules = new FailureRules(FailurePolicy.Default, isPure: false, options, new Random(1), TimeProvider.System);
        var blockedKeys = new BlockedKeys(Cargo, rules, options);
        var (now, letter) = (DateTimeOffset.UnixEpoch, new DeadLetter
        {
            Id = 1,
            Consumer = Cargo,
            Position = 1,
            Key = "ada",
            Stream = Harbour.StreamOf("ada"),
            Version = 1,
            EventType = "loaded",
            EventId = Guid.Empty,
            State = DeadLetterState.RetryAt,
            RetryAt = DateTimeOffset.UnixEpoch.AddSeconds(10),
        });
        blockedKeys.Load([letter], DeadLetterResolutions.None);

        Assert.True(blockedKeys.Release(letter with { State = DeadLetterState.Released, RetryAt = null }));
        var released = blockedKeys.TakeDue(now)!;
        blockedKeys.Changed(released, DeadLetterState.RetryAt, now.AddSeconds(60));

        Assert.Null(blockedKeys.TakeDue(now.AddSeconds(10)));
        Assert.Same(released, blockedKeys.TakeDue(now.AddSeconds(60)));
        Assert.Null(blockedKeys.TakeDue(now.AddSeconds(60)));
    }

    [Fact]
    public async Task A_concurrent_write_of_a_document_creates_no_dead_letter()
    {
        var inline = Harbour.Cargo(ProjectionLifecycle.Inline);
        var shared = new InMemoryStorage();
        await using var plain = await TestNode.Start(shared);
        await using var other = await TestNode.Start(
            shared, host => TestNode.Add(host, inline), options => options.IsEnabled = false);
        await plain.Append("ada", new Loaded("ada", 1));
        var faulty = new FaultyStorage(shared) { BeforeNextCommit = () => other.Append("ada", new Loaded("ada", 10)) };

        await using var node = await TestNode.Start(faulty, host => TestNode.Add(host, inline));
        await node.WaitUntil(Cargo, status => status.LagEvents == 0);

        Assert.Null(faulty.BeforeNextCommit);
        Assert.Empty(await node.ListDeadLetters());
        Assert.Equal(new Cargo("ada", 11, 2, 2), (await inline.CreateReadModel(node.Host).Get("ada")).Value);
    }

    [Fact]
    public async Task Events_before_an_unreadable_event_in_a_batch_are_handled()
    {
        var storage = new InMemoryStorage();
        await using var plain = await TestNode.Start(storage);
        await plain.Append("ada", new Loaded("ada", 1));
        await using (var tool = await EventStore.Open(storage, EventTypeMap.Empty))
            await tool.Append(
                Harbour.StreamOf("ada"),
                ExpectedVersion.Any,
                [NewEvent.FromBytes("ship.loaded", "?"u8.ToArray())]);
        await plain.Append("ada", new Loaded("ada", 2));
        await plain.Append("bea", new Loaded("bea", 3));
        var handled = new ConcurrentQueue<long>();

        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, ConsumerDefinition.Batch(
            "clerk", EventFilter.OfTypes("ship.loaded"), (events, _) =>
            {
                foreach (var recorded in events)
                    handled.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            })));
        await node.WaitUntil("clerk", status => status.LagEvents == 0);

        Assert.Equal([1L, 4], handled);
        Assert.Equal(
            [(2, DeadLetterState.Parked), (3, DeadLetterState.Waiting)],
            (await node.ListDeadLetters()).Select(letter => (letter.Position, letter.State)));
    }

    [Fact]
    public async Task An_event_with_an_unknown_key_is_not_lost_when_its_dead_letter_cannot_be_written()
    {
        var fix = new ErrorFix();
        var shared = new InMemoryStorage();
        await using var writer = await TestNode.Start(shared);
        await writer.Append("ada", new Loaded("bea", 1));
        await writer.Append("bea", new Loaded("bea", 10));
        await writer.Append("cid", new Loaded("cid", 100));
        var tries = 0;
        var storage = new FaultyStorage(shared)
        {
            FaultOf = request => request.DeadLetters.Count > 0 && Interlocked.Increment(ref tries) > 0
                ? CommitFault.Before
                : CommitFault.None,
        };
        void Add(ConsumerHost host) =>
            TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(fix)));
        await using (var killed = await TestNode.Start(storage, Add, options => options.CommitDocuments = 1))
        {
            await killed.WaitUntil(Cargo, _ => Volatile.Read(ref tries) > 0);
            storage.Disconnect();
        }
        foreach (var record in await shared.Leases.List(CancellationToken.None))
            await shared.Leases.Release(record.Consumer, record.Partition, record.LeaseEpoch, CancellationToken.None);

        fix.IsApplied = true;
        await using var node = await TestNode.Start(shared, Add);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(11, (await node.Cargo.Get("bea")).Value!.Crates);
    }

    [Fact]
    public async Task A_reset_that_would_lose_an_event_with_an_unknown_key_is_refused()
    {
        var fix = new ErrorFix();
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(host, Harbour.Cargo(create: () => new UnknownKeyCargoProjection(fix))));
        await node.Append("ada", new Loaded("bea", 1));
        await node.Append("bea", new Loaded("bea", 10));
        var letter = Assert.Single(await node.WaitForDeadLetters(found => found.Count == 1));
        await node.WaitUntil(Cargo, status => status.LagEvents == 0);
        fix.IsApplied = true;

        var refused = await Assert.ThrowsAsync<ConsumerResetRefusedException>(async () =>
            await node.Consumers.Reset(Cargo));
        var refusedInShard = await Assert.ThrowsAsync<ConsumerResetRefusedException>(async () =>
            await new Consumers(new ShardHosts(node.Host, "eu-2", index: 1)).Reset(Cargo));
        await node.Consumers.Reset(Cargo, 1);
        await node.Decide(letter, DeadLetterDecision.Retry);
        await node.WaitUntil(Cargo, status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        Assert.Equal(letter.Id, refused.DeadLetterId);
        Assert.Equal(1_000_000_000_000 + letter.Id, refusedInShard.DeadLetterId);
        Assert.Equal(11, (await node.Cargo.Get("bea")).Value!.Crates);
    }

    [Fact]
    public async Task A_pending_edit_survives_a_rebuild()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", -1), new Loaded("ada", 7));
        var letters = await node.WaitForDeadLetters(found => found.Count == 2);
        await node.DeadLetters.Edit(letters[1].Id, """{"ship":"ada","crates":5}"""u8.ToArray(), new DeadLetterNote("ada", "a slip"));

        await node.Projections.Rebuild(Cargo);
        letters = await node.WaitForDeadLetters(found => found.Count == 2);
        await node.Decide(letters[0], DeadLetterDecision.Skip);
        await node.WaitUntil(Cargo, status => status.OpenDeadLetters == 0);

        Assert.Equal(new Cargo("ada", 5, 1, 2), (await node.Cargo.Get("ada")).Value);
    }
}
