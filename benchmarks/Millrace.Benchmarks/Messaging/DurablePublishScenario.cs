using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Events published from the log, until the broker has confirmed them and the checkpoint has moved, beside the bare client that publishes
/// the same bytes from memory. Both begin with a line that is open.
/// </summary>
internal sealed class DurablePublishScenario(IBenchBroker broker, double goal) : IScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public IReadOnlyList<string> Names { get; } = [$"{broker.Name}-publish"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.Messages;
        Task<Round> Again() => OfMillrace(run, count);
        var rounds = await Paired.InTurn(run.Sizes.Rounds, _ => Bare(count), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "messages/s", rounds, goal), Again)];
    }

    private async Task<Round> Bare(int count)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        return await broker.PublishBare(load.Subscription, count);
    }

    private async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        await using var bench = await run.Storage.NewStore(run);
        using var host = await Application.Start(
            bench.NewStorage(),
            _ => { },
            millrace => broker.Connect(millrace, transport => transport.PublishAll(load.Subscription.Destination)));
        var (store, consumers) = (host.Services.GetRequiredService<EventStore>(), host.Services.GetRequiredService<Consumers>());
        var publisher = $"publish.{broker.Name}";
        await Stores.Fill(store, 1);
        await consumers.WaitFor(publisher, await store.GetToken(), Patience); // Its line is open, and it is at the end of what was there.
        await consumers.Pause(publisher);
        await Stores.Fill(store, count);
        var end = await store.GetToken();
        var round = await Round.Measure(async () =>
        {
            await consumers.Resume(publisher);
            return await consumers.WaitFor(publisher, end, Patience)
                ? ((long)count, (Latencies?)null)
                : throw new InvalidOperationException($"{publisher} did not finish within {Patience}.");
        });
        await host.StopAsync();
        return round;
    }
}
