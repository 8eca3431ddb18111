using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Hosting;
using Millrace.ProcessManagers;
using Millrace.Storage.InMemory;

namespace Millrace.Tests.Processes;

/// <summary>Tests that a person's request is not lost when an event arrives before the process handles it.</summary>
public sealed class ConcurrentRequestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_instance_that_is_to_be_undone_is_undone_though_an_event_comes_first(bool isWaitedFor)
    {
        using var host = Build();
        await host.StartAsync();
        var store = host.Services.GetRequiredService<EventStore>();
        var all = host.Services.GetRequiredService<Millrace.Processes>();
        var catalog = host.Services.GetRequiredService<ModelCatalog>();
        var plans = new ProcessPlans("trade", catalog.Processes);
        var intake = new ProcessEventRouter(store, plans);
        var runner = new ProcessRunner(store, plans, catalog, new ScopedCommandSender(host.Services).Send);
        await Take(new Agreed("t", 4));
        await runner.Run("t", known: null, default);

        await all.Cancel("trade", "t", "ada");
        await Take(isWaitedFor ? new Judged("t", true) : new Arrived("t"));
        await runner.Run("t", known: null, default);

        Assert.Equal(ProcessState.Compensated, (await all.Find("trade", "t"))!.State);
        var story = (await all.History("trade", "t")).Select(entry => entry.What).ToList();
        Assert.Contains("compensation-done", story);
        Assert.Equal(1, story.Count(what => what == "step-done"));

        async Task Take(object data)
        {
            var result = await store.Append(new StreamId("market-1"), ExpectedVersion.Any, [data]);
            var page = await store.ReadPage(
                new Storage.LogPageQuery(EventFilter.All, result.Position, IsBackwards: false, 1));
            await intake.Take(page.Events[0], default);
        }
    }

    /// <summary>A host without running consumers.</summary>
    private static IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Trade());
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new InMemoryStorage(TimeProvider.System))
            .AddModel(model => Trade.Register(model).Process(TradeProcess.Of(process => process
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
