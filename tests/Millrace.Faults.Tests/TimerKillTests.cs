using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Faults.Tests;

/// <summary>Two nodes in programs of their own fire timers on PostgreSQL; the one that does is killed in the midst of it.</summary>
public sealed class TimerKillTests
{
    private const int Timers = 600;
    private const int Together = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [PostgreSqlFact]
    public async Task Timers_of_a_node_that_is_killed_fire_elsewhere_once_each()
    {
        await using var server = await PostgreSqlServer.Start();
        var address = $"postgres://owner@127.0.0.1:{server.Port}/{await server.CreateDatabase()}";
        using var watcher = await Open(address);
        var store = watcher.Services.GetRequiredService<EventStore>();
        using var one = await Start(address);
        using var two = await Start(address);
        await SetAll(watcher.Services.GetRequiredService<Timers>());

        await Eventually.Is(() => Rung(store), rung => rung.Count >= Timers / 10, Patience);
        var holder = (await watcher.Services.GetRequiredService<Consumers>().Get("timers")).Node;
        var (victim, other) = one.Is(holder) ? (one, two) : (two, one);
        Assert.True(victim.Is(holder));
        victim.Kill();
        var before = await Rung(store);
        var rung = await Eventually.Is(() => Rung(store), rung => rung.Count >= Timers, Patience);
        await Eventually.Is(async () => await watcher.Services.GetRequiredService<Timers>().List(new TimerQuery()),
            left => left.Timers.Count == 0, Patience);

        Assert.True(before.Count < Timers, "All timers had fired before the node was killed.");
        Assert.Equal(Enumerable.Range(0, Timers), rung.Order());
        Assert.Equal(rung, await Rung(store));
        Assert.True(other.Is((await watcher.Services.GetRequiredService<Consumers>().Get("timers")).Node));
    }

    private static Task<SharingNode> Start(string address) =>
        SharingNode.Start(address, writers: 0, seed: 0, ("MILLRACE_FAULTS_TIMERS", "1"));

    /// <summary>They are due over six seconds, a hundred in each.</summary>
    private static async Task SetAll(Timers timers)
    {
        var begin = DateTimeOffset.UtcNow.AddSeconds(1);
        foreach (var some in Enumerable.Range(0, Timers).Chunk(Together))
        {
            await Task.WhenAll(some.Select(number => timers.Set(
                new RingBell(number), begin.AddMilliseconds(number * 10),
                new TimerOptions { Key = number.ToString(CultureInfo.InvariantCulture) })));
        }
    }

    private static async Task<List<int>> Rung(EventStore store)
    {
        var rung = new List<int>();
        await foreach (var recorded in store.ReadLog(EventFilter.OfTypes("bell.rung")))
            rung.Add(((BellRung)recorded.Data).Number);
        return rung;
    }

    /// <summary>A node of this program that sets timers, and fires none.</summary>
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
