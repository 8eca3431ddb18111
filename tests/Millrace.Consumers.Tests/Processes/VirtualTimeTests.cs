using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Tests.Processes;

/// <summary>Tests of processes on a clock that only the test advances.</summary>
public sealed class VirtualTimeTests
{
    private static readonly TimeSpan Within = TimeSpan.FromDays(3);

    [Fact]
    public async Task A_process_settles_at_its_wait_and_times_out_when_the_clock_is_advanced()
    {
        await using var host = await Start();

        await host.Store.Append(new StreamId("market-1"), ExpectedVersion.Any, [new Agreed("t", 4)]);
        await host.Settle();
        var waiting = await ProcessesOf(host).Find("trade", "t");
        await host.Advance(Within - TimeSpan.FromSeconds(1));
        var stillWaiting = await ProcessesOf(host).Find("trade", "t");
        await host.Advance(TimeSpan.FromSeconds(1));
        var undone = await ProcessesOf(host).Find("trade", "t");

        Assert.Equal(["await-arrived"], waiting!.Steps);
        Assert.Equal(ProcessState.Running, stillWaiting!.State);
        Assert.Equal(ProcessState.Compensated, undone!.State);
    }

    private static Millrace.Processes ProcessesOf(MillraceTestHost host) =>
        host.Services.GetRequiredService<Millrace.Processes>();

    private static Task<MillraceTestHost> Start() => MillraceTestHost.Start(
        millrace => millrace.AddModel(model => Trade.Register(model).Process(TradeProcess.Create(Define))),
        services => services.AddSingleton(new Trade()),
        new ManualTimeProvider());

    private static void Define(ProcessBuilder<string> process) => process
        .StartOn<Agreed>(agreed => agreed.Trade)
        .Step("reserve", id => new DoWork(id, "reserve"), id => new DoWork(id, "release"))
        .Await<Arrived>(arrived => arrived.Trade, Within);
}
