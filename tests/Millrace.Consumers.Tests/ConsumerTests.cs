using System.Collections.Concurrent;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class ConsumerTests
{
    private const string Name = "clerk";

    private readonly ConcurrentQueue<RecordedEvent> _seen = [];

    [Fact]
    public async Task Every_subscribed_event_is_handled_once_and_in_stream_order()
    {
        await using var node = await Start();
        for (var i = 0; i < 200; i++)
            await node.Append($"s{i % 9}", new Loaded($"s{i % 9}", i));
        await node.Append("s0", new Scrapped("s0"));

        await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal(200, _seen.Select(recorded => recorded.Position).Distinct().Count());
        Assert.Equal(200, _seen.Count);
        Assert.All(
            _seen.GroupBy(recorded => recorded.Stream),
            stream =>
                Assert.Equal(
                    stream.Select(recorded => recorded.Version).Order(), stream.Select(recorded => recorded.Version)));
    }

    [Fact]
    public async Task Batches_contain_the_events_in_log_order()
    {
        var definition = ConsumerDefinition.Batch(Name, EventFilter.All, (events, _) =>
        {
            foreach (var recorded in events)
                _seen.Enqueue(recorded);
            return ValueTask.CompletedTask;
        });
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        for (var i = 0; i < 100; i++)
            await node.Append($"s{i % 9}", new Loaded($"s{i % 9}", i));

        await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task After_a_restart_a_consumer_continues_after_its_checkpoint()
    {
        var storage = new InMemoryStorage();
        await using (var node = await Start(storage: storage))
        {
            await node.Append("ada", new Loaded("ada", 1));
            await node.WaitUntil(Name, status => status.LagEvents == 0);
        }

        await using var restarted = await Start(storage: storage);
        await restarted.Append("ada", new Loaded("ada", 2));
        await restarted.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal([1L, 2L], _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_consumer_that_starts_at_the_end_skips_earlier_events()
    {
        var storage = new InMemoryStorage();
        await using (var before = await TestNode.Start(storage))
            await before.Append("ada", new Loaded("ada", 1));

        await using var node = await StartAtEnd(storage);
        await node.WaitUntil(Name, status => status is { State: ConsumerState.Live, Checkpoint: 1 });
        await node.Append("ada", new Loaded("ada", 2));
        await node.WaitUntil(Name, status => status.Checkpoint == 2);

        Assert.Equal([2L], _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_consumer_that_started_at_the_end_of_an_empty_log_handles_events_appended_while_it_was_stopped()
    {
        var storage = new InMemoryStorage();
        await using (var node = await StartAtEnd(storage))
            await node.WaitUntil(Name, status => status.State == ConsumerState.Live);
        await using (var writer = await TestNode.Start(storage))
            await writer.Append("ada", new Loaded("ada", 1));

        await using var restarted = await StartAtEnd(storage);
        await restarted.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal([1L], _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_consumer_that_starts_at_the_end_handles_all_events_after_a_reset_to_the_start()
    {
        var storage = new InMemoryStorage();
        await using var operating = await StartAtEnd(storage, options => options.IsEnabled = false);
        await operating.Append("ada", new Loaded("ada", 1), new Loaded("ada", 2));
        await operating.Consumers.Reset(Name);

        await using var node = await StartAtEnd(storage);
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Equal([1L, 2L], _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task A_paused_consumer_waits_until_it_is_resumed_even_after_a_restart()
    {
        var storage = new InMemoryStorage();
        await using (var node = await Start(storage: storage))
        {
            await node.WaitUntil(Name, status => status.State == ConsumerState.Live);
            await node.Consumers.Pause(Name);
            await node.WaitUntil(Name, status => status.State == ConsumerState.Paused);
        }

        await using var restarted = await Start(storage: storage);
        await restarted.Append("ada", new Loaded("ada", 1));
        var paused = await restarted.WaitUntil(Name, status => status is { State: ConsumerState.Paused, IsHere: true });
        Assert.Empty(_seen);
        await restarted.Consumers.Resume(Name);
        await restarted.WaitUntil(Name, status => status is { State: ConsumerState.Live, LagEvents: 0 });

        Assert.Equal((1, true), (paused.LagEvents, paused.IsPaused));
        Assert.Single(_seen);
    }

    [Fact]
    public async Task A_pause_from_another_node_takes_effect_and_its_state_is_reported_there()
    {
        var storage = new InMemoryStorage();
        await using var node = await Start(storage: storage);
        await node.WaitUntil(Name, status => status.State == ConsumerState.Live);
        await using var tool = await EventStore.Open(storage, EventTypeMap.Empty);
        var otherConsumers = Consumers.Of(tool);

        await otherConsumers.Pause(Name);
        await node.WaitUntil(Name, status => status.State == ConsumerState.Paused);
        await otherConsumers.Resume(Name);
        await node.WaitUntil(Name, status => status.State == ConsumerState.Live);
        var token = await node.Append("ada", new Loaded("ada", 1));

        Assert.True(await otherConsumers.WaitFor(Name, token, TestNode.WaitTimeout));
        Assert.Equal(node.Host.Node, (await otherConsumers.Get(Name)).Node);
        Assert.False((await otherConsumers.Get(Name)).IsHere);
    }

    [Fact]
    public async Task A_reset_handles_the_events_again()
    {
        await using var node = await Start();
        for (var i = 0; i < 3; i++)
            await node.Append("ada", new Loaded("ada", i));
        await node.WaitUntil(Name, status => status.LagEvents == 0);

        await node.Consumers.Reset(Name, 1);
        await node.WaitUntil(Name, status => status is { LagEvents: 0, IsHere: true });

        Assert.Equal([1L, 2L, 3L, 2L, 3L], _seen.Select(recorded => recorded.Position));
    }

    [Fact]
    public async Task An_unknown_consumer_cannot_be_paused()
    {
        await using var node = await Start();

        await Assert.ThrowsAsync<ConsumerNotFoundException>(() => node.Consumers.Pause("nobody").AsTask());
    }

    [Fact]
    public async Task A_token_of_another_log_epoch_is_never_reached()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        var token = await node.Append("ada", new Loaded("ada", 1));
        await storage.Maintenance.StartEpoch(CancellationToken.None);
        await node.Store.GetToken();

        var answer = await node.Cargo.Get("ada", token);

        Assert.False(await node.Consumers.WaitFor("cargo@1", token));
        Assert.True(answer.Freshness is { IsOtherEpoch: true, IsFresh: false });
    }

    [Fact]
    public void All_options_out_of_range_are_reported_together()
    {
        var problems = new ConsumerOptions
        {
            BatchEvents = 0,
            Workers = 65,
            LeaseDuration = TimeSpan.Zero,
        }
            .Problems()
            .ToList();

        Assert.Equal(["LeaseDuration", "BatchEvents", "Workers"], problems.Select(problem => problem.Split(':')[0]));
    }

    [Fact]
    public void Options_that_risk_leases_or_documents_in_use_are_refused_with_advice()
    {
        var shortLease = new ConsumerOptions
        {
            LeaseDuration = TimeSpan.FromSeconds(2),
            LookEvery = TimeSpan.FromSeconds(1),
        };
        var shortRetention = new ConsumerOptions { KeepRetired = TimeSpan.FromSeconds(1) };
        var noRetention = new ConsumerOptions { KeepRetired = TimeSpan.Zero };

        Assert.Contains(
            "LeaseDuration to 00:00:03 or longer", Assert.Single(shortLease.Problems()), StringComparison.Ordinal);
        Assert.Contains("to 00:00:02 or longer", Assert.Single(shortRetention.Problems()), StringComparison.Ordinal);
        Assert.StartsWith(
            "KeepRetired: must be from 00:00:01", Assert.Single(noRetention.Problems()), StringComparison.Ordinal);
        Assert.Empty(
            new ConsumerOptions
            {
                LeaseDuration = TimeSpan.FromSeconds(3),
                LookEvery = TimeSpan.FromSeconds(1),
            }.Problems());
    }

    private ValueTask AddSeen(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _seen.Enqueue(recorded);
        return ValueTask.CompletedTask;
    }

    private Task<TestNode> StartAtEnd(IStorage storage, Action<ConsumerOptions>? configure = null) => TestNode.Start(
        storage,
        host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.All, AddSeen).FromEnd()),
        configure);

    private Task<TestNode> Start(InMemoryStorage? storage = null) =>
        TestNode.Start(
            storage,
            host => TestNode.Add(host, ConsumerDefinition.Each(Name, EventFilter.OfTypes("ship.loaded"), AddSeen)));
}
