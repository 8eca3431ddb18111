using Bakery;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.Testing.Tests;

public sealed class MillraceTestHostTests
{
    [Fact]
    public async Task The_effects_of_commands_are_complete_when_the_host_has_settled()
    {
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>());
        await host.Commands.Send(new HeatOven("left", 250));
        for (var i = 0; i < 20; i++)
            await host.Commands.Send(new BakeBread("left", i % 2 == 0 ? "rye" : "wheat"));

        await host.Settle();

        Assert.Equal(10, await Count(host, "rye"));
        Assert.Equal(10, await Count(host, "wheat"));
    }

    [Fact]
    public async Task Settling_waits_for_events_that_consumers_append()
    {
        await using var host = await MillraceTestHost.Start(
            millrace => millrace.AddModel<BakeryModel>().AddConsumer(provider => ConsumerDefinition.Each(
                "helper",
                EventFilter.OfTypes("oven.heated"),
                async (heated, cancel) => await provider.GetRequiredService<EventStore>().Append(
                    heated.Stream, ExpectedVersion.Any, [new BreadBaked("left", "rye")], cancel))));
        await host.Commands.Send(new HeatOven("left", 250));

        await host.Settle();

        Assert.Equal(1, await Count(host, "rye"));
    }

    [Fact]
    public async Task Commands_and_consumers_run_while_time_does_not_advance()
    {
        var time = new ManualTimeProvider();
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>(), time: time);
        await host.Commands.Send(new HeatOven("left", 250));
        await host.Commands.Send(new BakeBread("left", "rye"));

        await host.Settle();

        Assert.Equal(1, await Count(host, "rye"));
        var recorded = await host.Store.ReadLog(EventFilter.All).ToListAsync();
        Assert.All(recorded, item => Assert.Equal(time.GetUtcNow(), item.Timestamp));
    }

    [Fact]
    public async Task A_refused_command_stores_no_event()
    {
        await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<BakeryModel>());
        await host.Commands.Send(new HeatOven("left", 100));

        await Assert.ThrowsAsync<InvariantViolatedException>(async () =>
            await host.Commands.Send(new BakeBread("left", "rye")));

        await host.Settle();
        Assert.Equal(1, (await host.Store.GetStream(new StreamId("oven-left")))?.Version);
    }

    private static async Task<int> Count(MillraceTestHost host, string kind) =>
        (await host.Services.GetRequiredService<IReadModel<string, Loaves>>().Get(kind)).Value?.Count ?? 0;
}
