using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests two nodes in separate programs that fire timers on PostgreSQL. The test kills the active node.
/// </summary>
public sealed class TimerKillTests
{
    private const int Timers = 600;
    // The other timers are due only after the kill of the node, even if the kill takes long.
    private const int SoonDue = Timers / 2;
    private const int MaxConcurrentCalls = 50;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    [PostgreSqlFact]
    public async Task Another_node_fires_each_timer_of_a_killed_node_once()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await Open(address);
        var store = watcher.Services.GetRequiredService<EventStore>();
        using var first = await Start(address);
        using var second = await Start(address);
        var timers = watcher.Services.GetRequiredService<Timers>();
        await SetAll(timers);

        await Eventually.Get(() => ReadRungBells(store), rung => rung.Count >= SoonDue / 5, WaitTimeout);
        var consumers = watcher.Services.GetRequiredService<Consumers>();
        var holder = await Eventually.Get(
            consumers, "timers", status => first.Is(status.Node) || second.Is(status.Node), WaitTimeout);
        var (victim, other) = first.Is(holder.Node) ? (first, second) : (second, first);
        victim.Kill();
        var before = await ReadRungBells(store);
        await RunConcurrently(Enumerable.Range(SoonDue, Timers - SoonDue), number => timers.Run(KeyOf(number), "ada"));
        var rung = await Eventually.Get(() => ReadRungBells(store), rung => rung.Count >= Timers, WaitTimeout);
        await Eventually.Get(async () => await timers.List(new TimerQuery()),
            page => page.Timers.Count == 0, WaitTimeout);

        Assert.InRange(before.Count, SoonDue / 5, SoonDue);
        Assert.Equal(Enumerable.Range(0, Timers), rung.Order());
        Assert.Equal(rung, await ReadRungBells(store));
        await Eventually.Get(consumers, "timers", status => other.Is(status.Node), WaitTimeout);
    }

    private static Task<SharingNode> Start(string address) =>
        SharingNode.Start(address, writers: 0, seed: 0, ("MILLRACE_FAULTS_TIMERS", "1"));

    /// <summary>Sets timers. Half of them are due over six seconds, the others in an hour.</summary>
    private static Task SetAll(Timers timers)
    {
        var begin = DateTimeOffset.UtcNow.AddSeconds(1);
        return RunConcurrently(Enumerable.Range(0, Timers), number => timers.Set(
            new RingBell(number),
            number < SoonDue ? begin.AddMilliseconds(number * 20) : begin.AddHours(1),
            new TimerOptions { Key = KeyOf(number) }));
    }

    private static async Task RunConcurrently(IEnumerable<int> numbers, Func<int, Task> action)
    {
        foreach (var chunk in numbers.Chunk(MaxConcurrentCalls))
            await Task.WhenAll(chunk.Select(action));
    }

    private static string KeyOf(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<List<int>> ReadRungBells(EventStore store)
    {
        var rung = new List<int>();
        await foreach (var recorded in store.ReadLog(EventFilter.OfTypes("bell.rung")))
            rung.Add(((BellRung)recorded.Data).Number);
        return rung;
    }

    /// <summary>Starts a node in this program that sets timers, but does not fire timers.</summary>
    private static async Task<IHost> Open(string address)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace.UsePostgreSql(address).AddModel<Ledger>().AddTimers()
            .ConfigureConsumers(options => options.IsEnabled = false));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
