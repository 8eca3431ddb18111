using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of consumers that start at the end of the log, on nodes that crash before they store a
/// checkpoint.</summary>
public sealed class StartAtEndTests
{
    private const string Name = "watch";
    private const int Ships = 6;

    private readonly ConcurrentQueue<long> _seen = [];

    [Theory]
    [StoreKinds]
    public async Task No_later_event_is_lost_after_a_node_with_a_lease_is_killed(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var other = await TestNode.Start(shared.Open());
        // The consumer does not exist yet, so it does not handle this event.
        await other.Append("ada", new Loaded("ada", 1));
        var storage = new FaultyStorage(shared.Open()) { NextFault = static () => CommitFault.Before };
        await using var dying = await Start(storage);
        await Eventually.Get(
            () => Records(other),
            static all => all.Any(static record => record.Holder is not null),
            TestNode.WaitTimeout);
        storage.Disconnect();
        for (var i = 0; i < 3; i++)
            await other.Append("ada", new Loaded("ada", i));

        await using var next = await Start(shared.Open());
        await next.WaitUntil(Name, status => status is { IsHere: true, LagEvents: 0 });

        Assert.Equal([2L, 3L, 4L], _seen);
    }

    [Theory]
    [StoreKinds]
    public async Task Events_appended_after_the_start_of_a_node_are_handled_wherever_the_node_dies(StoreKind kind)
    {
        for (var calls = 1; calls <= 12; calls++)
        {
            using var shared = await SharedStore.Create(kind);
            await using var other = await TestNode.Start(shared.Open());
            var (appended, before) = (new ConcurrentQueue<long>(), 2 + (calls % 2));
            await Append(other, before, []);
            var remainingCalls = calls;
            var storage = new FaultyStorage(shared.Open());
            storage.BeforeLeases = _ =>
            {
                if (Interlocked.Decrement(ref remainingCalls) < 0)
                    storage.Disconnect(); // Simulates a crash between two storage calls.
            };
            await using var dying = await Start(storage, partitions: 3);
            var isStarted = (await Records(other)).Count > 0;
            await Append(other, 5, appended);
            await using var survivor = await Start(shared.Open(), partitions: 3);
            await Append(other, 5, appended);

            Assert.True(isStarted || calls < 3, $"cut after {calls} calls");
            var expected = isStarted ? appended.ToList() : [.. appended.Skip(5)];
            await Eventually.Get(
                () => Task.FromResult(expected.Except(_seen).ToList()),
                static missed => missed.Count == 0,
                TestNode.WaitTimeout);

            Assert.DoesNotContain(_seen, position => position <= before);
            _seen.Clear();
        }
    }

    [Theory]
    [StoreKinds]
    public async Task All_partitions_start_at_the_end_that_the_first_node_found(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var other = await TestNode.Start(shared.Open());
        await Append(other, 3, []);
        var storage = new FaultyStorage(shared.Open()) { NextFault = static () => CommitFault.Before };
        await using (await Start(storage, partitions: 4))
        {
            await Eventually.Get(() => Records(other), static all => all.Count == 4, TestNode.WaitTimeout);
            storage.Disconnect();
        }
        await Append(other, Ships, []);

        Assert.Equal([3L, 3L, 3L, 3L], (await Records(other)).Select(record => record.Checkpoint));
        await using var next = await Start(shared.Open(), partitions: 4);
        await next.WaitUntil(Name, status => status is { LagEvents: 0, IsHere: true });
        Assert.Equal([4L, 5L, 6L, 7L, 8L, 9L], _seen.Order());
    }

    [Fact]
    public async Task A_consumer_starts_at_the_end_found_when_its_node_started_with_an_unavailable_storage()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var other = await TestNode.Start(shared.Open());
        await Append(other, 2, []);
        var isUnavailable = true;
        var storage = new FaultyStorage(shared.Open())
        {
            BeforeLeases = _ =>
            {
                if (isUnavailable)
                    throw FaultyStorage.Unavailable();
            },
        };
        await using var node = await Start(storage);
        await Append(other, 2, []);
        isUnavailable = false;

        await Eventually.Until(() => _seen.Count == 2, TestNode.WaitTimeout);

        Assert.Equal([3L, 4L], _seen.Order()); // The two events are in different streams, so their order is not fixed.
    }

    private static async Task Append(TestNode node, int count, ConcurrentQueue<long> appended)
    {
        for (var i = 0; i < count; i++)
            appended.Enqueue((await node.Append($"ship{i % Ships}", new Loaded($"ship{i % Ships}", i))).Position);
    }

    private static async Task<IReadOnlyList<ConsumerRecord>> Records(TestNode node) =>
        await node.Store.Storage.Leases.Find(Name, CancellationToken.None);

    private Task<TestNode> Start(IStorage storage, int partitions = 1) =>
        TestNode.Start(
            storage,
            host =>
                TestNode.Add(
                    host,
                    ConsumerDefinition
                        .Each(Name, EventFilter.All, AddSeen)
                        .ByKey(static recorded => recorded.Stream.Value)
                        .FromEnd()
                ),
            options =>
            {
                TestNode.UseShortLease(options);
                options.Partitions[Name] = partitions;
            }
        );

    private ValueTask AddSeen(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _seen.Enqueue(recorded.Position);
        return ValueTask.CompletedTask;
    }
}
