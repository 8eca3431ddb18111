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

    public static TheoryData<StoreKind> Kinds => SharedStore.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_node_killed_under_its_lease_loses_no_event_that_is_appended_afterwards(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var other = await TestNode.Start(shared.Open());
        await other.Append("ada", new Loaded("ada", 1)); // Before the consumer exists, so not for it.
        var way = new FaultyStorage(shared.Open()) { NextFault = static () => CommitFault.Before };
        await using var dying = await Start(way);
        await Eventually.Is(
            () => Records(other), static all => all.Any(static one => one.Holder is not null), TestNode.WaitTimeout);
        way.Cut();
        for (var i = 0; i < 3; i++)
            await other.Append("ada", new Loaded("ada", i));

        await using var next = await Start(shared.Open());
        await next.WaitUntil(Name, status => status is { IsHere: true, LagEvents: 0 });

        Assert.Equal([2L, 3L, 4L], _seen);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_appended_after_the_start_of_a_node_is_handled_wherever_it_dies(StoreKind kind)
    {
        for (var calls = 1; calls <= 12; calls++)
        {
            using var shared = await SharedStore.Create(kind);
            await using var other = await TestNode.Start(shared.Open());
            var (appended, before) = (new ConcurrentQueue<long>(), 2 + (calls % 2));
            await Append(other, before, []);
            var left = calls;
            var way = new FaultyStorage(shared.Open());
            way.BeforeLeases = _ =>
            {
                if (Interlocked.Decrement(ref left) < 0)
                    way.Cut(); // As a node that crashes between two storage calls.
            };
            await using var dying = await Start(way, partitions: 3);
            var isStarted = (await Records(other)).Count > 0;
            await Append(other, 5, appended);
            await using var mate = await Start(shared.Open(), partitions: 3);
            await Append(other, 5, appended);

            Assert.True(isStarted || calls < 3, $"cut after {calls} calls");
            var expected = isStarted ? appended.ToList() : [.. appended.Skip(5)];
            await Eventually.Is(
                () => Task.FromResult(expected.Except(_seen).ToList()),
                static missed => missed.Count == 0,
                TestNode.WaitTimeout);

            Assert.DoesNotContain(_seen, position => position <= before);
            _seen.Clear();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task All_partitions_start_at_the_end_that_the_first_node_found(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var other = await TestNode.Start(shared.Open());
        await Append(other, 3, []);
        var way = new FaultyStorage(shared.Open()) { NextFault = static () => CommitFault.Before };
        await using (await Start(way, partitions: 4))
        {
            await Eventually.Is(() => Records(other), static all => all.Count == 4, TestNode.WaitTimeout);
            way.Cut();
        }
        await Append(other, Ships, []);

        Assert.Equal([3L, 3L, 3L, 3L], (await Records(other)).Select(one => one.Checkpoint));
        await using var next = await Start(shared.Open(), partitions: 4);
        await next.WaitUntil(Name, status => status is { LagEvents: 0, IsHere: true });
        Assert.Equal([4L, 5L, 6L, 7L, 8L, 9L], _seen.Order());
    }

    [Fact]
    public async Task An_unavailable_storage_later_gets_the_end_at_the_start_of_the_node()
    {
        using var shared = await SharedStore.Create(StoreKind.Memory);
        await using var other = await TestNode.Start(shared.Open());
        await Append(other, 2, []);
        var isAway = true;
        var way = new FaultyStorage(shared.Open())
        {
            BeforeLeases = _ =>
            {
                if (isAway)
                    throw FaultyStorage.Unavailable();
            },
        };
        await using var node = await Start(way);
        await Append(other, 2, []);
        isAway = false;

        await Eventually.Holds(() => _seen.Count == 2, TestNode.WaitTimeout);

        Assert.Equal([3L, 4L], _seen.Order()); // Two streams have no order between them.
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
                    ConsumerDefinition.Each(Name, EventFilter.All, Note).ByKey(static one => one.Stream.Value).FromEnd()
                ),
            options =>
            {
                TestNode.RunsOutSoon(options);
                options.Partitions[Name] = partitions;
            }
        );

    private ValueTask Note(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _seen.Enqueue(recorded.Position);
        return ValueTask.CompletedTask;
    }
}
