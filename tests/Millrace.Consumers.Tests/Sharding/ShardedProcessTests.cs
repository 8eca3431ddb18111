using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;
using Millrace.Tests.Processes;
using Millrace.Tests.Scheduling;

namespace Millrace.Tests;

/// <summary>Tests processes and timers whose events, instances and commands are in several shards.</summary>
public sealed class ShardedProcessTests
{
    private static readonly string[] Names = ["eu-1", "eu-2", "eu-3"];

    [Fact]
    public async Task Instances_receive_events_of_all_shards_and_send_commands_to_all_shards()
    {
        using var stores = new ShardTestStores();
        await using var node = await StartTrade(stores);
        var trades = Enumerable.Range(0, 12).Select(number => $"t{number}").ToArray();

        foreach (var trade in trades)
            await node.Append($"market-{trade}", new Agreed(trade, 4));
        foreach (var trade in trades)
        {
            await node.WaitUntilIn("await-arrived", trade);
            await node.Append($"dock-{trade}", new Arrived(trade));
        }
        foreach (var trade in trades)
            await node.WaitFor(ProcessState.Completed, trade);

        var shards = node.Services.GetRequiredService<Shards>();
        var isCrossing = false;
        foreach (var trade in trades)
        {
            Assert.Equal(["reserve", "pay"], await node.Effects(trade));
            var market = await shards.FindShard(new StreamId($"market-{trade}"));
            isCrossing |= market != await shards.FindShard(new StreamId($"process-trade-{trade}"));
        }
        Assert.True(isCrossing);
        var page = await node.Processes.List(new ProcessQuery { Process = "trade", State = ProcessState.Completed });
        Assert.Equal(trades.Order(), page.Instances.Select(instance => instance.Id).Order());
    }

    [Fact]
    public async Task A_refused_step_is_undone_in_all_shards()
    {
        using var stores = new ShardTestStores();
        await using var node = await StartTrade(stores);
        node.Trade.Failures["pay"] = -1;

        for (var i = 0; i < 4; i++)
            await node.Append($"market-t{i}", new Agreed($"t{i}", 4));
        for (var i = 0; i < 4; i++)
            await node.WaitFor(ProcessState.Compensated, $"t{i}");

        for (var i = 0; i < 4; i++)
            Assert.Equal(["reserve", "release"], await node.Effects($"t{i}"));
    }

    [Fact]
    public async Task A_command_has_its_effect_once_if_the_commit_of_its_step_fails()
    {
        using var stores = new ShardTestStores();
        await using var node = await StartTrade(stores);
        var failures = 3;
        foreach (var name in Names)
        {
            stores.MemoryOf(name).FaultOf = request =>
                request.Appends.Any(append => append.Events.Any(one => one.Type == "processes.step-done"))
                && Interlocked.Decrement(ref failures) >= 0
                    ? CommitFault.Refused
                    : CommitFault.None;
        }

        for (var i = 0; i < 8; i++)
            await node.Append($"market-t{i}", new Agreed($"t{i}", 4));
        for (var i = 0; i < 8; i++)
            await node.WaitUntilIn("await-arrived", $"t{i}");

        Assert.True(failures < 0);
        for (var i = 0; i < 8; i++)
            Assert.Equal(["reserve", "pay"], await node.Effects($"t{i}"));
    }

    [Fact]
    public async Task Timers_send_their_commands_to_the_shard_of_the_command_once()
    {
        using var stores = new ShardTestStores();
        await using var node = await BellNode.Start(
            new Millrace.Storage.InMemory.InMemoryStorage(), configure: millrace => UseShards(millrace, stores));

        var due = DateTimeOffset.UtcNow;
        var keys = Enumerable.Range(0, 10).Select(number => $"k{number}").ToArray();
        foreach (var key in keys)
            await node.Timers.Set(new Ring(key), due, new TimerOptions { Key = key });
        await node.Commands.Send(new Wind("wound", due));
        await node.WaitForRings(11);

        Assert.Equal([.. keys.Order(), "wound"], (await node.Rings()).Order());
        await Eventually.Get(async () => (await node.Timers.List(new TimerQuery())).Timers.Count, count => count == 0);
    }

    [Fact]
    public async Task A_timer_of_any_shard_is_found_and_cancelled()
    {
        using var stores = new ShardTestStores();
        await using var node = await BellNode.Start(
            new Millrace.Storage.InMemory.InMemoryStorage(), configure: millrace => UseShards(millrace, stores));
        var later = DateTimeOffset.UtcNow.AddDays(1);
        await node.Commands.Send(new Wind("wound", later)); // In the shard of its command.
        await node.Timers.Set(new Ring("set"), later, new TimerOptions { Key = "set" }); // In the home shard.

        var listed = await node.Timers.List(new TimerQuery());
        Assert.Equal(["set", "wound"], listed.Timers.Select(timer => timer.Key).Order());
        Assert.Equal("ring", (await node.Timers.Find("wound"))!.Command);
        await node.Timers.Set(new Ring("again"), later, new TimerOptions { Key = "wound" });
        Assert.Equal(2, (await node.Timers.List(new TimerQuery())).Timers.Count);
        Assert.True(await node.Timers.Cancel("wound"));
        Assert.True(await node.Timers.Cancel("set"));
        Assert.Empty((await node.Timers.List(new TimerQuery())).Timers);
    }

    private static Task<TradeNode> StartTrade(ShardTestStores stores) => TradeNode.Start(
        [
            TradeProcess.Create(process => process
                .StartOn<Agreed>(agreed => agreed.Trade)
                .Step("reserve", id => new DoWork(id, "reserve"), compensate: id => new DoWork(id, "release"))
                .Step("pay", id => new DoWork(id, "pay")).Await<Arrived>(
                    arrived => arrived.Trade, within: TimeSpan.FromHours(1))),
        ],
        useStore: millrace => UseShards(millrace, stores));

    private static void UseShards(MillraceBuilder millrace, ShardTestStores stores) => millrace.UseShards(shards =>
    {
        foreach (var name in Names)
            shards.Add(name, store => stores.Use(store, name));
        shards.PlaceByStream().Configure(ShardApp.UseShortIntervals);
    });
}
