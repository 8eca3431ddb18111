using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task An_application_reads_its_models_and_runs_its_consumers()
    {
        var seen = new ConcurrentQueue<long>();
        var storage = new InMemoryStorage();
        using var host = Build(storage, millrace => millrace
            .AddConsumer("clerk", EventFilter.All, (recorded, _) =>
            {
                seen.Enqueue(recorded.Position);
                return ValueTask.CompletedTask;
            })
            .ConfigureConsumers(options =>
                (options.ReadTimeout, options.LeaseDuration) = (
                    TestNode.WaitTimeout, TestNode.ShortIntervals().LeaseDuration)));
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();

        var token = (
            await store.Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 4)])).Token;
        var cargo = await host.Services.GetRequiredService<IReadModel<string, Cargo>>().Get("ada", token);
        var named = await host.Services.GetRequiredKeyedService<IReadModel<string, Cargo>>("cargo").Get("ada", token);
        Assert.True(await host.Services.GetRequiredService<Consumers>().WaitFor("clerk", token, TestNode.WaitTimeout));
        var names = (await host.Services.GetRequiredService<Consumers>().List()).Select(status => status.Name);
        var projection = Assert.Single(await host.Services.GetRequiredService<Projections>().List());
        await host.StopAsync();

        Assert.Equal((new Cargo("ada", 4, 1, 1), true), (cargo.Value, cargo.IsFresh));
        Assert.Equal(cargo, named);
        Assert.Equal(["cargo@1", "clerk"], names);
        Assert.Equal(("cargo@1", 1), (projection.Collection, projection.Documents));
        Assert.Equal([1L], seen);
        await storage.Open(CancellationToken.None);
        Assert.All(await storage.Leases.List(CancellationToken.None), record => Assert.Null(record.Holder));
    }

    [Fact]
    public async Task A_node_without_consumers_still_reads()
    {
        var storage = new InMemoryStorage();
        using var reader = Build(
            storage, millrace => millrace.ConfigureConsumers(options => options.IsEnabled = false));
        using var worker = Build(storage, static _ => { });
        await reader.StartAsync();
        var token = (await reader.Services.GetRequiredService<EventStore>()
            .Append(Harbour.StreamOf("ada"), ExpectedVersion.NoStream, [new Loaded("ada", 4)])).Token;
        var model = reader.Services.GetRequiredService<IReadModel<string, Cargo>>();

        var stale = await model.Get("ada", new ReadAfter(token, TimeSpan.Zero));
        await worker.StartAsync();
        var fresh = await model.Get("ada", new ReadAfter(token, TestNode.WaitTimeout));
        await worker.StopAsync();
        await reader.StopAsync();

        Assert.Equal((null, "stale; by=1"), (stale.Value, stale.Freshness.ToString()));
        Assert.Equal((4, "fresh"), (fresh.Value!.Crates, fresh.Freshness.ToString()));
    }

    [Fact]
    public async Task Options_out_of_range_keep_the_application_from_starting()
    {
        using var host = Build(
            new InMemoryStorage(), millrace => millrace.ConfigureConsumers(options => options.Retries = -1));

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        Assert.Contains("Retries", refused.ToString(), StringComparison.Ordinal);
    }

    private static IHost Build(InMemoryStorage storage, Action<MillraceBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => configure(millrace
            .UseStorage(_ => storage)
            .AddModel(model => Harbour.Register(model).Projection(Harbour.Cargo()))));
        return builder.Build();
    }
}
