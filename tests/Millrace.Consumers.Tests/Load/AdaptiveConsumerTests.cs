using System.Collections.Concurrent;
using Millrace.Consuming;

namespace Millrace.Tests.Load;

/// <summary>Tests of consumers that adapt their batches and workers to the load.</summary>
public sealed class AdaptiveConsumerTests
{
    private const string Name = "clerk";
    private const int Ships = 40;
    private const int Events = 20_000; // Ten seconds and more for two workers.

    [Fact]
    public async Task A_slow_handler_gets_more_workers_and_keeps_the_order_of_each_key()
    {
        var seen = new ConcurrentQueue<RecordedEvent>();
        using var changed = new SemaphoreSlim(0);
        var definition = ConsumerDefinition
            .Each(Name, EventFilter.All, async (recorded, cancellationToken) =>
            {
                await changed.WaitAsync(TimeSpan.FromMilliseconds(2), cancellationToken); // Never released: waits.
                seen.Enqueue(recorded);
            })
            .AdaptLoad(load =>
            {
                load.TargetLatency = TimeSpan.FromMilliseconds(100);
                load.MaxWorkers = 16;
            });
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        await node.Consumers.Pause(Name);
        for (var i = 0; i < Events; i++) // Consecutive events of a stream could not be handled by several workers.
            await node.Append($"s{i % Ships}", new Loaded("s", i));
        await node.Consumers.Resume(Name);

        var adapted = await node.WaitUntil(Name, status => status.Load is { Workers: >= 6 });
        await node.DisposeAsync();

        Assert.All(adapted.Load!.Decisions, decision =>
        {
            Assert.InRange(decision.Workers, 1, 16);
            Assert.InRange(decision.BatchEvents, 10, 10_000);
        });
        Assert.NotEmpty(seen);
        Assert.All(
            seen.GroupBy(recorded => recorded.Stream),
            static stream => Assert.Equal(
                stream.Select(static one => one.Version).Order(), stream.Select(static one => one.Version)));
    }

    [Fact]
    public async Task A_consumer_without_requirements_has_the_fixed_settings()
    {
        var definition = ConsumerDefinition.Each(Name, EventFilter.All, static (_, _) => ValueTask.CompletedTask);
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, definition));
        await node.Append("ada", new Loaded("ada", 1));

        var status = await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Null(status.Load);
    }

    [Fact]
    public async Task The_requirements_of_the_options_apply_to_all_consumers_without_their_own()
    {
        ConsumerDefinition Define(string name) =>
            ConsumerDefinition.Each(name, EventFilter.All, static (_, _) => ValueTask.CompletedTask);
        await using var node = await TestNode.Start(
            add: host =>
            {
                TestNode.Add(host, Define("common"));
                TestNode.Add(host, Define("own").AdaptLoad(static load => load.Priority = LoadPriority.Latency));
            },
            configure: static options => options.Load = new LoadOptions { Priority = LoadPriority.Throughput });

        var common = await node.WaitUntil("common", static status => status.Load is not null);
        var own = await node.WaitUntil("own", static status => status.Load is not null);

        Assert.Equal(LoadPriority.Throughput, common.Load!.Priority);
        Assert.Equal(2_000, common.Load.BatchEvents);
        Assert.Equal(LoadPriority.Latency, own.Load!.Priority);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_options_do_not_change_a_fixed_number_of_workers(bool isAdaptive)
    {
        var (running, most, handled) = (0, 0, 0);
        var definition = ConsumerDefinition.Each(Name, EventFilter.All, async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            Interlocked.Increment(ref handled);
        });
        await using var node = await TestNode.Start(
            add: host => host.Add(new EventHandlerProcessor(definition, host.Store.Types, static () => 1)
            {
                HasFixedWorkers = true,
            }),
            configure: options => options.Load = isAdaptive ? new LoadOptions { MinWorkers = 8 } : null);
        await node.PauseAndWait(Name);
        for (var i = 0; i < 200; i++)
            await node.Append($"s{i}", new Loaded($"s{i}", 1));
        await node.Consumers.Resume(Name);

        var status = await node.WaitUntil(Name, status => status.LagEvents == 0);

        Assert.Null(status.Load);
        Assert.Equal(200, handled);
        Assert.Equal(1, most);
    }

    [Fact]
    public void Requirements_that_are_not_valid_are_all_reported()
    {
        var error = Assert.Throws<ArgumentException>(
            () => ConsumerDefinition
                .Each(Name, EventFilter.All, static (_, _) => ValueTask.CompletedTask)
                .AdaptLoad(static load =>
                {
                    load.TargetLatency = TimeSpan.Zero;
                    load.TargetThroughput = double.NaN;
                    load.MinBatchEvents = 20;
                    load.MaxBatchEvents = 10;
                    load.MinWorkers = 65;
                }));

        foreach (var option in new[] { "TargetLatency", "TargetThroughput", "MaxBatchEvents", "MinWorkers" })
            Assert.Contains($"{option}:", error.Message, StringComparison.Ordinal);
    }
}
