using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Hosting;
using Millrace.ProcessManagers;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Processes;

/// <summary>
/// Tests that the request of an operator is not lost when an event arrives before the process handles it.
/// </summary>
public sealed class ConcurrentRequestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancelled_instance_is_undone_when_an_event_arrives_first(bool isWaitedFor)
    {
        using var host = Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var all = host.Services.GetRequiredService<Millrace.Processes>();
        var catalog = host.Services.GetRequiredService<ModelCatalog>();
        var plans = new ProcessPlans("trade", catalog.Processes);
        var router = new ProcessEventRouter(store, plans);
        var runner = new ProcessRunner(store, plans, catalog, new ScopedCommandSender(host.Services).Send);
        await Deliver(new Agreed("t", 4));
        await runner.Run("t", committed: null, default);

        await all.Cancel("trade", "t", "ada");
        await Deliver(isWaitedFor ? new Judged("t", true) : new Arrived("t"));
        await runner.Run("t", committed: null, default);

        Assert.Equal(ProcessState.Compensated, (await all.Find("trade", "t"))!.State);
        var entries = (await all.History("trade", "t")).Select(entry => entry.Kind).ToList();
        Assert.Contains("compensation-done", entries);
        Assert.Equal(1, entries.Count(kind => kind == "step-done"));

        async Task Deliver(object data)
        {
            var result = await store.Append(new StreamId("market-1"), ExpectedVersion.Any, [data]);
            var page = await store.ReadPage(
                new Storage.LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1));
            await router.Take(page.Events[0], default);
        }
    }

    /// <summary>Builds a host without running consumers.</summary>
    private static IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Trade());
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new InMemoryStorage(TimeProvider.System))
            .AddModel(model => Trade.Register(model).Process(TradeProcess.Create(process => process
                .StartOn<Agreed>(agreed => agreed.Trade)
                .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
                .Await<Judged>(judged => judged.Trade, within: TimeSpan.FromHours(6))
                .PointOfNoReturn()
                .Step("ship", id => new DoWork(id, "ship"))
                .Await<Arrived>(arrived => arrived.Trade, within: TimeSpan.FromDays(1)))))
            .ConfigureConsumers(all => all.IsEnabled = false));
        return builder.Build();
    }
}
