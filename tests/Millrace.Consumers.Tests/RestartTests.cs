using Millrace.Consuming.Partitions;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Restarts of consumers by an operator.</summary>
public sealed class RestartTests
{
    private const string Name = "stuck";

    [Theory]
    [StoreKinds]
    public async Task A_restart_ends_a_batch_that_hangs_and_handles_its_events_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var calls = 0;
        await using var node = await Start(shared.Open(), async (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        });
        await node.Append("ada", new Loaded("ada", 1));
        await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        await node.Consumers.Restart(Name);

        var live = await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, Checkpoint: 1 });
        Assert.Equal((true, null, 2), (live.IsHere, live.Error, calls));
    }

    [Fact]
    public async Task A_handler_that_ignores_its_cancellation_is_abandoned()
    {
        var calls = 0;
        using var hangs = new SemaphoreSlim(0);
        await using var node = await Start(
            new InMemoryStorage(),
            async (_, _) =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                    await hangs.WaitAsync(CancellationToken.None);
            },
            options => options.StopTimeout = TimeSpan.FromMilliseconds(100));
        await node.Append("ada", new Loaded("ada", 1));
        await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        await node.Consumers.Restart(Name);
        await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, Checkpoint: 1 });
        hangs.Release(); // The old run ends, and must change nothing.
        await node.Append("ada", new Loaded("ada", 2));

        await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, Checkpoint: 2 });
        Assert.Equal(3, calls);
    }

    [Fact]
    public async Task Partitions_whose_handlers_ignore_their_cancellation_are_abandoned()
    {
        var calls = 0;
        using var hangs = new SemaphoreSlim(0);
        await using var node = await Start(
            new InMemoryStorage(),
            async (_, _) =>
            {
                if (Interlocked.Increment(ref calls) <= 2)
                    await hangs.WaitAsync(CancellationToken.None);
            },
            options =>
            {
                options.StopTimeout = TimeSpan.FromMilliseconds(100);
                options.Partitions[Name] = 2;
            });
        await node.WaitUntil(Name, status => status.Partitions.Count == 2);
        var ships = PartitionKeys.All(2)
            .Select(share => Enumerable.Range(0, 100).Select(i => $"s{i}").First(ship => Owns(share, ship)))
            .ToList();
        foreach (var ship in ships)
            await node.Append(ship, new Loaded(ship, 1));
        await Eventually.Until(() => Volatile.Read(ref calls) == 2, TestNode.WaitTimeout);

        await node.Consumers.Restart(Name);
        await node.WaitUntil(Name, status => status.Checkpoint == 2);
        hangs.Release(2); // The old runs end, and must change nothing.
        foreach (var ship in ships)
            await node.Append(ship, new Loaded(ship, 2));

        await node.WaitUntil(Name, status => status.Checkpoint == 4);
        Assert.Equal(6, calls);
    }

    [Fact]
    public async Task A_consumer_on_another_node_restarts()
    {
        var storage = new InMemoryStorage();
        var calls = 0;
        await using var first = await Start(storage, async (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        });
        await first.Append("ada", new Loaded("ada", 1));
        await first.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        await using var store = await EventStore.Open(storage, Harbour.Types);

        await Consumers.Of(store).Restart(Name);

        await first.WaitUntil(Name, status => status is { State: ConsumerState.Live, Checkpoint: 1 });
        await Assert.ThrowsAsync<ConsumerNotFoundException>(() => Consumers.Of(store).Restart("none").AsTask());
    }

    [Fact]
    public async Task A_paused_consumer_remains_paused()
    {
        await using var node = await Start(new InMemoryStorage(), (_, _) => ValueTask.CompletedTask);
        await node.Append("ada", new Loaded("ada", 1));
        await node.WaitUntil(Name, status => status is { Checkpoint: 1 });
        await node.PauseAndWait(Name);

        await node.Consumers.Restart(Name);

        Assert.True((await node.WaitUntil(Name, status => status.IsHere)).IsPaused);
    }

    [Fact]
    public async Task A_restart_of_a_projection_changes_no_document_twice()
    {
        await using var node = await TestNode.StartCargo();
        for (var i = 0; i < 20; i++)
        {
            await node.Append("ada", new Loaded("ada", 1));
            await node.Consumers.Restart("cargo@1");
        }
        var last = await node.Append("ada", new Loaded("ada", 1));
        Assert.True(await node.Consumers.WaitFor("cargo@1", last));

        var document = (await node.Cargo.Get("ada", last)).Value;
        Assert.Equal((21, 21), (document!.Crates, document.Changes));
    }

    private static bool Owns(PartitionKeys share, string ship) => share.Owns(Harbour.StreamOf(ship).Value);

    private static Task<TestNode> Start(
        IStorage storage, ConsumerEventHandler handler, Action<ConsumerOptions>? configure = null) =>
        TestNode.Start(
            storage,
            host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, handler)),
            options =>
            {
                options.StallAfter = TimeSpan.FromSeconds(1);
                configure?.Invoke(options);
            });
}
