using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Storage.Objects;

namespace Millrace.ObjectStorage.Tests;

/// <summary>Tests that a running application is backed up to object storage, and restored from it.</summary>
[Collection(ObjectServersCollection.Name)]
public sealed class BackupTests(ObjectServers servers)
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public static TheoryData<ObjectServer> Servers => ObjectServers.All;

    [ObjectServersTheory]
    [MemberData(nameof(Servers))]
    public async Task A_store_is_restored_from_its_backup(ObjectServer server)
    {
        using var original = await SharedStore.Create(StoreKind.Sqlite);
        var place = servers.Open(server, new StorageSettings { Prefix = "backup/shop" });
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => original.Open())
            .UseBackup(place, options => options.Interval = TimeSpan.FromMilliseconds(100)));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var store = host.Services.GetRequiredService<EventStore>();
            for (var number = 0; number < 20; number++)
                await store.Append(
                    new StreamId($"order-{number % 3}"),
                    ExpectedVersion.Any,
                    [NewEvent.FromBytes("order.placed", "{}"u8.ToArray())]);
            await WaitFor(place, 20);
            await host.StopAsync();
        }

        using var copy = await SharedStore.Create(StoreKind.Sqlite);
        await new StoreRestore(servers.Open(server, new StorageSettings { Prefix = "backup/shop" }), copy.Open()).Run();

        Assert.Equal(await Events(original, 20), await Events(copy, 20));
    }

    private static async Task<List<string>> Events(SharedStore store, int count)
    {
        await using var opened = await EventStore.Open(store.Open(), EventTypeMap.Empty);
        var events = new List<string>();
        await foreach (var read in opened.ReadLog(EventFilter.All))
            events.Add($"{read.Position} {read.Stream}@{read.Version} {read.Id} {read.Type}");
        Assert.True(events.Count >= count);
        return events[..count]; // The restored store has an event more, the start of its log epoch.
    }

    private static async Task WaitFor(IObjectStorage place, long position)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            if (await StoreRestore.List(place) is [.., { Copies.Count: > 0 } set] && set.LastPosition >= position)
                return;
        }
        while (await pause.WaitForNextTickAsync(limit.Token));
    }
}
