using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of consumers that are shared among nodes.</summary>
public sealed class BalanceTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f"];

    [Fact]
    public async Task Nodes_that_join_and_leave_share_the_consumers_evenly()
    {
        var storage = new InMemoryStorage();
        await using var first = await Start(storage);
        await WaitUntilShared(first, first);

        await using var second = await Start(storage);
        await WaitUntilShared(first, first, second);
        var third = await Start(storage);
        await WaitUntilShared(first, first, second, third);
        await third.DisposeAsync();

        await WaitUntilShared(first, first, second);
    }

    [Fact]
    public async Task A_consumer_that_moves_to_another_node_finishes_its_batch_first()
    {
        var storage = new InMemoryStorage();
        using var begun = new SemaphoreSlim(0);
        using var canContinue = new SemaphoreSlim(0);
        var handled = new ConcurrentQueue<(string Consumer, long Position)>();
        await using var first = await Start(storage, async (name, recorded) =>
        {
            handled.Enqueue((name, recorded.Position));
            begun.Release();
            Assert.True(await canContinue.WaitAsync(TestNode.WaitTimeout));
        });
        await WaitUntilShared(first, first);
        await first.Append("ada", new Loaded("ada", 1));
        foreach (var _ in Names)
            Assert.True(await begun.WaitAsync(TestNode.WaitTimeout));

        await using var second = await Start(storage, (name, recorded) =>
        {
            handled.Enqueue((name, recorded.Position));
            return ValueTask.CompletedTask;
        });
        await Eventually.Until(
            () => first.Host.All.Count(consumer => consumer.Lease is { YieldsSince: not null }) == Names.Length / 2,
            TestNode.WaitTimeout);
        Assert.DoesNotContain(second.Host.All, consumer => consumer.Lease is not null);
        canContinue.Release(Names.Length);
        await WaitUntilShared(first, first, second);
        var token = await first.Append("ada", new Loaded("ada", 1));
        canContinue.Release(Names.Length);
        foreach (var name in Names)
            Assert.True(await first.Consumers.WaitFor(name, token, TestNode.WaitTimeout));

        Assert.Equal(
            Names.SelectMany(name => new[] { (name, 1L), (name, 2L) }),
            handled.OrderBy(entry => entry.Consumer, StringComparer.Ordinal).ThenBy(entry => entry.Position));
    }

    [Fact]
    public async Task A_consumer_is_handed_over_when_its_batch_exceeds_the_time_limit()
    {
        var storage = new InMemoryStorage();
        using var canContinue = new SemaphoreSlim(0);
        await using var first = await Start(
            storage, async (_, _) => Assert.True(await canContinue.WaitAsync(TestNode.WaitTimeout)),
            options => options.StopTimeout = TimeSpan.FromMilliseconds(100));
        await WaitUntilShared(first, first);
        await first.Append("ada", new Loaded("ada", 1));

        await using var second = await Start(storage);
        await WaitUntilShared(second, first, second);

        canContinue.Release(10 * Names.Length);
    }

    [Fact]
    public async Task A_consumer_that_only_one_node_can_run_is_counted_in_the_share_of_that_node()
    {
        var storage = new InMemoryStorage();
        await using var first = await TestNode.Start(storage, host => Add(host, ["a", "b", "only-here"]), UseLongLease);
        await first.WaitUntil("only-here", status => status.IsHere);
        await using var second = await TestNode.Start(storage, host => Add(host, ["a", "b"]), UseLongLease);

        // The first node may release a consumer only after the second node has started it.
        await Eventually.Until(() => LeaseCountOf(second) == 1 && LeaseCountOf(first) == 2, TestNode.WaitTimeout);

        Assert.True((await first.Consumers.Get("only-here")).IsHere);
    }

    [Fact]
    public async Task Every_node_reports_which_node_runs_each_consumer_and_since_when()
    {
        var storage = new InMemoryStorage();
        var before = DateTimeOffset.UtcNow;
        await using var first = await Start(storage);
        await using var second = await Start(storage);
        await WaitUntilShared(first, first, second);

        var reported = await first.Consumers.List();
        var reportedByOther = await second.Consumers.List();

        Assert.Equal(
            reported.Select(status => (status.Name, status.Node, status.NodeSince)),
            reportedByOther.Select(status => (status.Name, status.Node, status.NodeSince)));
        Assert.Equal(
            [first.Host.Node, second.Host.Node],
            reported.Select(status => status.Node!).Distinct().Order(OfStart(first)));
        Assert.All(reported, status => Assert.InRange(status.NodeSince!.Value, before, DateTimeOffset.UtcNow));
    }

    private static Task<TestNode> Start(
        IStorage storage,
        Func<string, RecordedEvent, ValueTask>? handle = null,
        Action<ConsumerOptions>? configure = null) =>
        TestNode.Start(
            storage,
            host => Add(host, Names, handle),
            options =>
            {
                UseLongLease(options);
                configure?.Invoke(options);
            }
        );

    private static void Add(ConsumerHost host, string[] names, Func<string, RecordedEvent, ValueTask>? handle = null)
    {
        foreach (var name in names)
        {
            TestNode.Add(host, ConsumerDefinition.Each(
                name, EventFilter.All, (recorded, _) => handle?.Invoke(name, recorded) ?? ValueTask.CompletedTask));
        }
    }

    /// <summary>Sets a long lease, so that a node on a busy machine keeps its leases.</summary>
    private static void UseLongLease(ConsumerOptions options) => options.LeaseDuration = TimeSpan.FromMinutes(1);

    private static int LeaseCountOf(TestNode node) => node.Host.All.Count(consumer => consumer.Lease is not null);

    private static async Task WaitUntilShared(TestNode watcher, params TestNode[] nodes)
    {
        await Eventually.Get(
            async () =>
                string.Join(", ", (await watcher.Consumers.List()).Select(status => $"{status.Name}: {status.Node}")),
            _ => nodes.All(node => LeaseCountOf(node) == Names.Length / nodes.Length),
            TestNode.WaitTimeout);
    }

    private static Comparer<string> OfStart(TestNode first) =>
        Comparer<string>.Create((node, other) => (other == first.Host.Node).CompareTo(node == first.Host.Node));
}
