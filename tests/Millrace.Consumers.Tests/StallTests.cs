using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>
/// Tests that every node reports a stalled consumer, with the node that runs it, the time and the key.
/// </summary>
public sealed class StallTests
{
    private const string Name = "stuck";

    [Fact]
    public async Task Every_node_reports_which_node_is_stalled_and_since_when()
    {
        var storage = new InMemoryStorage();
        using var hangs = new SemaphoreSlim(0);
        var before = DateTimeOffset.UtcNow;
        using var log = new RecordedLog();
        await using var first = await Start(storage, async (_, cancel) => await hangs.WaitAsync(cancel), log);
        await first.WaitUntil(Name, status => status.IsHere);
        await using var second = await Start(storage, (_, _) => ValueTask.CompletedTask);
        await first.Append("ada", new Loaded("ada", 1));

        var ownStatus = await first.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        var otherStatus = await second.WaitUntil(
            Name, status => status is { State: ConsumerState.Stalled, IsHere: false });
        var again = await second.Consumers.Get(Name);

        Assert.Equal((first.Host.Node, ownStatus.Error), (otherStatus.Node, otherStatus.Error));
        Assert.InRange(ownStatus.StateSince!.Value, before, DateTimeOffset.UtcNow - TimeSpan.FromSeconds(1));
        Assert.Equal((otherStatus.StateSince, otherStatus.Error), (again.StateSince, again.Error));
        await Eventually.Until(() => log.Contains("has made no progress after position 0"), TestNode.WaitTimeout);
        Assert.True(log.Contains(first.Host.Node), "The node is not named.");
        hangs.Release();
        await first.WaitUntil(Name, status => status is { State: ConsumerState.Live, Error: null });
        await Eventually.Until(() => log.Contains("continues at position"), TestNode.WaitTimeout);
    }

    [Fact]
    public async Task The_key_that_delays_a_consumer_is_reported()
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(
            host, ConsumerDefinition.Each(Name, EventFilter.All, (_, _) => throw new TimeoutException("No answer."))
                .ByKey(_ => "north").OnFailure(policy => policy.System<TimeoutException>())));
        await node.Append("ada", new Loaded("ada", 1));

        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        Assert.Equal(("north", 1L), (stalled.Problem!.Key, stalled.Problem.Position));
        Assert.Contains("key 'north'", stalled.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_with_a_full_backlog_is_reported()
    {
        await using var node = await TestNode.Start(
            add: host =>
                TestNode.Add(
                    host,
                    ConsumerDefinition
                        .Each(Name, EventFilter.All, (_, _) => throw new InvalidOperationException("No."))
                        .OnFailure(policy => policy.Permanent<InvalidOperationException>())),
            configure: options => options.MaxWaitingPerKey = 1);
        for (var i = 0; i < 5; i++)
            await node.Append("ada", new Loaded("ada", i));

        var stalled = await node.WaitUntil(Name, status => status.State == ConsumerState.Stalled);

        Assert.Equal(Harbour.StreamOf("ada").Value, stalled.Problem!.Key);
    }

    [Fact]
    public async Task A_consumer_that_no_node_runs_although_one_could_is_stalled()
    {
        var storage = new InMemoryStorage();
        await using var watcher = await TestNode.Start(
            storage, configure: options => options.StallAfter = TimeSpan.FromSeconds(1));
        var leases = ((IStorage)storage).Leases;
        var now = DateTimeOffset.UtcNow;
        await leases.Acquire(Name, 0, "gone", TimeSpan.FromMilliseconds(1), now, CancellationToken.None);
        await leases.Acquire("of-an-older-build", 0, "gone", TimeSpan.FromMilliseconds(1), now, CancellationToken.None);
        await leases.AnnounceNode("idle", [Name], TimeSpan.FromMinutes(5), now, CancellationToken.None);

        var stalled = await watcher.WaitUntil(Name, status => status.State == ConsumerState.Stalled);
        var older = await watcher.Consumers.Get("of-an-older-build");

        Assert.Equal((null, "No node runs it, although one could."), (stalled.Node, stalled.Error));
        Assert.NotEqual(ConsumerState.Stalled, older.State);
    }

    private static Task<TestNode> Start(IStorage storage, ConsumerEventHandler handling, ILoggerFactory? log = null) =>
        TestNode.Start(
            storage,
            host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, handling)),
            options =>
            {
                options.LeaseDuration = TimeSpan.FromMinutes(1);
                options.StallAfter = TimeSpan.FromSeconds(1);
            },
            loggers: log);
}
