using System.Collections.Concurrent;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class FailureTests
{
    private const string Cargo = "cargo@1";
    private const string Name = "clerk";

    [Fact]
    public async Task What_comes_before_a_failing_event_is_finished_and_the_event_is_named()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("bea", new Loaded("bea", 2));
        await node.Append("cid", new Loaded("cid", -1));
        await node.Append("ada", new Loaded("ada", 8));

        var status = await node.WaitUntil(Cargo, status => status.State == ConsumerState.Stalled);

        Assert.Equal(2, status.Checkpoint);
        Assert.Equal(
            (3, "ship.loaded", Harbour.StreamOf("cid")), (status.Problem!.Position, status.Problem.EventType, status.Problem.Stream));
        Assert.Contains("less than nothing", status.Error, StringComparison.Ordinal);
        Assert.Equal(new Cargo("ada", 1, 1, 1), (await node.Cargo.Get("ada")).Value);
    }

    [Fact]
    public async Task A_stalled_consumer_goes_on_by_itself_when_the_cause_is_gone()
    {
        var isBroken = true;
        var seen = new ConcurrentQueue<long>();
        await using var node = await TestNode.Start(
            add: host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, (recorded, _) =>
        {
            if (recorded.Position == 2 && Volatile.Read(ref isBroken))
                throw new InvalidOperationException("The printer is out of paper.");
            seen.Enqueue(recorded.Position);
            return ValueTask.CompletedTask;
        })));
        for (var i = 0; i < 4; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", i));
        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        Volatile.Write(ref isBroken, false);
        var live = await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Equal((1, 2), (stalled.Checkpoint, stalled.Problem!.Position));
        Assert.Null(live.Error);
        Assert.Equal([1L, 2, 3, 4], seen.Distinct().Order());
    }

    [Fact]
    public async Task A_failing_batch_is_narrowed_down_to_its_event()
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, ConsumerDefinition.Batch(
            Name,
            EventFilter.All,
            (events, _) =>
                events.Any(recorded => recorded.Position == 7) ? throw new InvalidOperationException("Seven.") : ValueTask.CompletedTask)));
        for (var i = 0; i < 20; i++)
            await node.Append("ada", new Loaded("ada", i));

        var status = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        Assert.Equal((6, 7), (status.Checkpoint, status.Problem!.Position));
    }

    [Fact]
    public async Task One_that_fails_or_hangs_holds_up_no_other()
    {
        var hangs = new TaskCompletionSource();
        await using var node = await TestNode.Start(add: host =>
        {
            TestNode.Add(host, ConsumerDefinition.Each("fails", EventFilter.All, (_, _) => throw new InvalidOperationException("No.")));
            TestNode.Add(host, ConsumerDefinition.Each("hangs", EventFilter.All, async (_, cancel) => await hangs.Task.WaitAsync(cancel)));
            TestNode.Add(host, Harbour.Cargo());
        });

        var token = await node.Append("ada", new Loaded("ada", 1));

        Assert.True((await node.Cargo.Get("ada", token)).IsFresh);
        hangs.SetResult();
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_as_its_type_stalls_and_an_unknown_type_does_not()
    {
        var storage = new InMemoryStorage();
        await using var tool = await EventStore.Open(storage, EventTypeMap.Empty);
        await tool.Append(new StreamId("ship-x"), ExpectedVersion.Any, [NewEvent.FromBytes("ship.painted", "?"u8.ToArray())]);
        await tool.Append(new StreamId("ship-x"), ExpectedVersion.Any, [NewEvent.FromBytes("ship.loaded", "?"u8.ToArray())]);
        await using var node = await TestNode.Start(storage, host =>
        {
            TestNode.Add(host, Harbour.Cargo());
            TestNode.Add(host, ConsumerDefinition.Each("bytes", EventFilter.All, (_, _) => ValueTask.CompletedTask));
        });

        var status = await node.WaitUntil(Cargo, status => status.State == ConsumerState.Stalled);

        Assert.Equal((1, 2), (status.Checkpoint, status.Problem!.Position));
        await node.WaitUntil("bytes", other => other.LagEvents == 0);
    }

    [Fact]
    public async Task A_storage_that_fails_for_a_while_is_no_events_fault()
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
    public async Task A_consumer_that_cannot_begin_is_faulted_and_begins_when_it_can()
    {
        var isBroken = true;
        await using var node = await TestNode.Start(add: host => host.Add(new BeginsLate(() => Volatile.Read(ref isBroken))));
        await node.Append("ada", new Loaded("ada", 1));
        var faulted = await node.WaitUntil("late", status => status.State == ConsumerState.Faulted);

        Volatile.Write(ref isBroken, false);
        await node.WaitUntil("late", status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Contains("no table", faulted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standing_still_without_a_word_is_stalled_as_well()
    {
        var hangs = new TaskCompletionSource();
        await using var node = await TestNode.Start(
            add: host => TestNode.Add(
                host, ConsumerDefinition.Each(Name, EventFilter.All, async (_, cancel) => await hangs.Task.WaitAsync(cancel))),
            configure: options => options.StallAfter = TimeSpan.FromSeconds(1));
        await node.Append("ada", new Loaded("ada", 1));

        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        hangs.SetResult();
        await node.WaitUntil(Name, status => status.State == ConsumerState.Live);

        Assert.Contains("No progress", stalled.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stopping_finishes_the_batch_in_hand()
    {
        var begun = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        var storage = new InMemoryStorage();
        var node = await TestNode.Start(
            storage, host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, async (_, cancel) =>
        {
            begun.TrySetResult();
            await goOn.Task.WaitAsync(cancel);
        })));
        await node.Append("ada", new Loaded("ada", 1));
        await begun.Task;

        var stopping = node.Host.Stop(CancellationToken.None);
        goOn.SetResult();
        await stopping;
        var record = Assert.Single(await storage.Leases.List(CancellationToken.None));
        await node.DisposeAsync();

        Assert.Equal((1, null), (record.Checkpoint, record.Holder));
    }

    [Fact]
    public async Task Stopping_abandons_what_does_not_end()
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

        Assert.Equal((0, null), (record.Checkpoint, record.Holder));
    }

    private sealed class BeginsLate(Func<bool> isBroken) : ConsumerWork
    {
        public override string Name => "late";

        public override EventFilter Filter => EventFilter.All;

        public override bool HasEffects => false;

        public override ValueTask Prepare(CancellationToken cancellationToken) =>
            isBroken() ? throw new InvalidOperationException("There is no table.") : ValueTask.CompletedTask;

        public override ValueTask Handle(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken) =>
            ValueTask.CompletedTask;
    }
}
