using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class FailureTests
{
    private const string Cargo = "cargo@1";
    private const string Name = "clerk";

    [Fact]
    public async Task An_infrastructure_failure_stalls_the_consumer_while_it_lasts_and_creates_no_dead_letter()
    {
        var isBroken = true;
        var seen = new ConcurrentQueue<long>();
        var outcomes = new ConcurrentQueue<FailureOutcome>();
        await using var node = await TestNode.Start(
            add: host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, (recorded, _) =>
        {
            if (recorded.Position == 2 && Volatile.Read(ref isBroken))
                throw new InvalidOperationException("The printer is out of paper.");
            seen.Enqueue(recorded.Position);
            return ValueTask.CompletedTask;
        }).OnFailure(policy => policy.System<InvalidOperationException>().Notify(outcomes.Enqueue))));
        for (var i = 0; i < 4; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", i));
        var stalled = await node.WaitUntil(Name, status => status is { State: ConsumerState.Stalled, Checkpoint: 1 });

        Volatile.Write(ref isBroken, false);
        var live = await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Equal((1, 2), (stalled.Checkpoint, stalled.Problem!.Position));
        Assert.Null(live.Error);
        Assert.Equal([1L, 2, 3, 4], seen.Distinct().Order());
        // The outcomes are reported after the state has changed.
        await Eventually.Until(() => outcomes.Count >= 2, TestNode.WaitTimeout);
        Assert.Equal(["escalated", "recovered"], outcomes.Select(outcome => outcome.Name));
        Assert.Empty(await node.ListDeadLetters());
    }

    [Fact]
    public async Task A_failing_batch_is_narrowed_down_to_its_event_and_the_others_are_handled()
    {
        var handled = new ConcurrentQueue<long>();
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Batch(
            Name,
            EventFilter.All,
            (events, _) =>
            {
                if (events.Any(recorded => recorded.Position == 7))
                    throw new InvalidOperationException("Seven.");
                foreach (var recorded in events)
                    handled.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            })));
        for (var i = 0; i < 20; i++)
            await node.Append($"s{i % 4}", new Loaded($"s{i % 4}", i));

        await node.WaitUntil(Name, status => status.LagEvents == 0);
        var letters = await node.WaitForDeadLetters(found =>
            found.Count > 0 && found[0].State == DeadLetterState.Parked);

        Assert.Equal((7, 3), (letters[0].Position, letters[0].Attempts));
        Assert.Equal([7L, 11, 15, 19], letters.Select(letter => letter.Position));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i).Except([7, 11, 15, 19]), handled.Distinct().Order());
    }

    [Fact]
    public async Task A_failing_or_hanging_consumer_delays_no_other()
    {
        var hangs = new TaskCompletionSource();
        await using var node = await TestNode.Start(add: host =>
        {
            TestNode.Add(
                host,
                ConsumerDefinition.Each("fails", EventFilter.All, (_, _) => throw new InvalidOperationException("No."))
            );
            TestNode.Add(
                host,
                ConsumerDefinition.Each(
                    "hangs", EventFilter.All, async (_, cancel) => await hangs.Task.WaitAsync(cancel)));
            TestNode.Add(host, Harbour.Cargo());
        });

        var token = await node.Append("ada", new Loaded("ada", 1));

        Assert.True((await node.Cargo.Get("ada", token)).IsFresh);
        hangs.SetResult();
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_as_its_type_is_parked_immediately_and_an_unknown_type_is_not()
    {
        var storage = new InMemoryStorage();
        await using var tool = await EventStore.Open(storage, EventTypeMap.Empty);
        await tool.Append(
            new StreamId("ship-x"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("ship.painted", "?"u8.ToArray())]);
        await tool.Append(
            new StreamId("ship-x"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("ship.loaded", "?"u8.ToArray())]);
        await using var node = await TestNode.Start(
            storage,
            host =>
            {
                TestNode.Add(host, Harbour.Cargo());
                TestNode.Add(
                    host, ConsumerDefinition.Each("bytes", EventFilter.All, (_, _) => ValueTask.CompletedTask));
            }
        );

        var letter = Assert.Single(await node.WaitForDeadLetters(found => found.Count == 1));

        Assert.Equal((2, "", DeadLetterState.Parked, 1), (letter.Position, letter.Key, letter.State, letter.Attempts));
        Assert.Equal(
            (FailureClass.Permanent, typeof(CannotDeserializeException).FullName), (letter.Class, letter.ErrorType));
        await node.WaitUntil("bytes", other => other.LagEvents == 0);
        await node.WaitUntil(Cargo, other => other.LagEvents == 0);
    }

    [Fact]
    public async Task A_transient_storage_failure_creates_no_dead_letter()
    {
        var failures = 6;
        var storage = new FaultyStorage(new InMemoryStorage())
        {
            NextFault = () => Interlocked.Decrement(ref failures) >= 0 ? CommitFault.Before : CommitFault.None,
        };
        await using var node = await TestNode.StartCargo(storage);

        var token = await node.Append("ada", new Loaded("ada", 1));
        var cargo = await node.Cargo.Get("ada", token);
        var status = await node.WaitUntil(Cargo, status => status.State == ConsumerState.Live);

        Assert.Equal(new Cargo("ada", 1, 1, 1), cargo.Value);
        Assert.Null(status.Error);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_written_creates_no_dead_letter()
    {
        var isBroken = true;
        var seen = new ConcurrentQueue<long>();
        var storage = new FaultyStorage(new InMemoryStorage())
        {
            NextFault = () => Volatile.Read(ref isBroken) ? CommitFault.Refused : CommitFault.None,
        };
        await using var node = await TestNode.Start(
            storage,
            host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, (recorded, _) =>
            {
                seen.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            })));

        await node.Append("ada", new Loaded("ada", 1));
        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        Volatile.Write(ref isBroken, false);
        await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Null(stalled.Problem!.Position);
        Assert.Empty(await node.ListDeadLetters());
        Assert.Equal([1L], seen);
    }

    [Fact]
    public async Task A_consumer_that_cannot_start_is_faulted_and_starts_when_it_can()
    {
        var isBroken = true;
        await using var node = await TestNode.Start(add: host =>
            host.Add(new DelayedStartProcessor(() => Volatile.Read(ref isBroken))));
        await node.Append("ada", new Loaded("ada", 1));
        var faulted = await node.WaitUntil("late", status => status.State == ConsumerState.Faulted);

        Volatile.Write(ref isBroken, false);
        await node.WaitUntil("late", status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Contains("no table", faulted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_consumer_that_hangs_silently_is_stalled_as_well()
    {
        var hangs = new TaskCompletionSource();
        await using var node = await TestNode.Start(
            add: host =>
                TestNode.Add(
                    host,
                    ConsumerDefinition.Each(
                        Name, EventFilter.All, async (_, cancel) => await hangs.Task.WaitAsync(cancel))),
            configure: options => options.StallAfter = TimeSpan.FromSeconds(1));
        await node.Append("ada", new Loaded("ada", 1));

        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        hangs.SetResult();
        await node.WaitUntil(Name, status => status.State == ConsumerState.Live);

        Assert.Contains("No progress", stalled.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_finishes_the_current_batch()
    {
        var begun = new TaskCompletionSource();
        var canContinue = new TaskCompletionSource();
        var storage = new InMemoryStorage();
        var node = await TestNode.Start(
            storage, host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, async (_, cancel) =>
        {
            begun.TrySetResult();
            await canContinue.Task.WaitAsync(cancel);
        })));
        await node.Append("ada", new Loaded("ada", 1));
        await begun.Task;

        var stopping = node.Host.Stop(CancellationToken.None);
        canContinue.SetResult();
        await stopping;
        var record = Assert.Single(await storage.Leases.List(CancellationToken.None));
        await node.DisposeAsync();

        Assert.Equal((1, null), (record.Checkpoint, record.Holder));
    }

    [Fact]
    public async Task Stopping_abandons_a_batch_that_does_not_finish()
    {
        var begun = new TaskCompletionSource();
        var storage = new InMemoryStorage();
        var node = await TestNode.Start(
            storage,
            host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, async (_, cancel) =>
            {
                begun.TrySetResult();
                await Task.Delay(Timeout.Infinite, cancel);
            })),
            options => options.StopTimeout = TimeSpan.FromMilliseconds(50));
        await node.Append("ada", new Loaded("ada", 1));
        await begun.Task;

        await node.DisposeAsync();
        await storage.Open(CancellationToken.None);
        var record = Assert.Single(await storage.Leases.List(CancellationToken.None));

        Assert.Equal((null, null), (record.Checkpoint, record.Holder));
    }

    private sealed class DelayedStartProcessor(Func<bool> isBroken) : ConsumerProcessor
    {
        public override string Name => "late";

        public override EventFilter Filter => EventFilter.All;

        public override bool HasEffects => false;

        public override ValueTask Prepare(CancellationToken cancellationToken) =>
            isBroken() ? throw new InvalidOperationException("There is no table.") : ValueTask.CompletedTask;

        public override bool IsPure => true;

        public override ValueTask Handle(
            IReadOnlyList<RecordedEvent> events,
            BlockedKeys lines,
            CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public override ValueTask HandleAgain(RetriedEvent again, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;

        public override IReadOnlyList<string> KeysOf(RecordedEvent recorded) => [""];
    }
}
