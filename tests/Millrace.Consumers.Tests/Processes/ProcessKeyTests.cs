using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Events;
using Millrace.ProcessManagers;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>Tests of instances whose ids are times.</summary>
public sealed class ProcessKeyTests
{
    private const string Early = "2026-01-01T12:00:00.2500000+00:00";
    private const string Late = "2026-01-01T12:00:00.7500000+00:00";

    private sealed class Moments : Process<DateTimeOffset>
    {
        protected override void Define(ProcessBuilder<DateTimeOffset> process) =>
            process
                .StartOn<Agreed>(static agreed => Parse(agreed.Trade))
                .Step(
                    "reserve",
                    static moment => new DoWork(moment.Millisecond.ToString(CultureInfo.InvariantCulture), "reserve"))
                .Await<Arrived>(static arrived => Parse(arrived.Trade));

        private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Two_times_within_one_second_are_two_instances()
    {
        using var host = Create();
        await host.StartAsync();
        var (store, all) = (
            host.Services.GetRequiredService<EventStore>(), host.Services.GetRequiredService<Millrace.Processes>());
        var market = new StreamId("market-1");

        await store.Append(market, ExpectedVersion.Any, [new Agreed(Early, 1), new Agreed(Late, 1)]);
        await Eventually.Get(
            async () => await all.Find("moments", Late),
            static info => info?.Steps.Contains("await-arrived") == true,
            TestNode.WaitTimeout);
        await store.Append(market, ExpectedVersion.Any, [new Arrived("2026-01-01T14:00:00.7500000+02:00")]);
        await Eventually.Get(
            async () => await all.Find("moments", Late),
            static info => info?.State == ProcessState.Completed,
            TestNode.WaitTimeout);

        Assert.NotEqual(ProcessState.Completed, (await all.Find("moments", Early))!.State);
        Assert.Equal(2, (await all.List(new ProcessQuery { Process = "moments" })).Instances.Count);
        Assert.Single(await store.ReadStream(Trade.StreamOf("250")).ToListAsync());
        await host.StopAsync();
    }

    [Fact]
    public async Task An_instance_named_by_an_earlier_version_continues()
    {
        using var host = Create();
        var (store, all) = (
            host.Services.GetRequiredService<EventStore>(), host.Services.GetRequiredService<Millrace.Processes>());
        await host.StartAsync();
        var (market, earlier) = (new StreamId("market-1"), "01/01/2026 12:00:00 +00:00");
        await store.Storage.Documents.EnsureCollection(ProcessStore.CollectionOf("moments"), CancellationToken.None);
        var started = new ProcessNote
        {
            Version = 1,
            Outline = ["reserve", "await-arrived"],
            Event = "trade.agreed",
            Position = 1,
        };
        await store.Append(
            ProcessStore.AddTo(
                new AppendRequest(),
                new ProcessInstance("moments", earlier),
                [
                    (ProcessEvents.Started, started),
                    (ProcessEvents.StepBegun, new() { Step = "reserve" }),
                    (ProcessEvents.StepDone, new() { Step = "reserve" }),
                    (ProcessEvents.Awaiting, new() { Step = "await-arrived", Event = "trade.arrived" }),
                ],
                DateTimeOffset.UtcNow));

        await store.Append(market, ExpectedVersion.Any, [new Arrived("2026-01-01T12:00:00.0000000+00:00")]);
        var found = await Eventually.Get(
            async () => await all.Find("moments", earlier),
            static info => info?.State == ProcessState.Completed,
            TestNode.WaitTimeout);

        Assert.NotNull(found);
        Assert.Null(await all.Find("moments", "2026-01-01T12:00:00.0000000+00:00"));
        await host.StopAsync();
    }

    private static IHost Create()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new Trade());
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(static _ => new InMemoryStorage())
            .AddModel(static model =>
            {
                Trade.Register(model);
                model.Process(new ProcessDefinition<DateTimeOffset>("moments", 1, new Moments()));
            })
            .ConfigureConsumers(TestNode.UseShortIntervals));
        return builder.Build();
    }
}
