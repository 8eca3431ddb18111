using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures publishing events from the log until the broker has confirmed them and the checkpoint is stored. The
/// comparison is the bare client, which publishes from memory. It sends either only the bodies or the same messages
/// with all attributes. Both start with an open connection.
/// </summary>
internal sealed class DurablePublishScenario(IBenchBroker broker, bool hasEvents, double goal) : IScenario
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(10);

    public IReadOnlyList<string> Names { get; } = [$"{broker.Name}-publish{(hasEvents ? "-events" : "")}"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.Messages;
        if (hasEvents)
            await RequireSame(run);
        async Task<Round> Again() => (await OfMillrace(run, count)).Round;
        var rounds = await PairedRounds.RunAlternating(
            run.Sizes.Rounds, async _ => (await Bare(count)).Round, _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "messages/s", rounds, goal), Again)];
    }

    /// <summary>Throws an exception unless Millrace and the bare client publish the same message.</summary>
    private async Task RequireSame(BenchmarkRun run)
    {
        // With isTaken, both methods return a message.
        var bare = (await Bare(1, isTaken: true)).Taken!;
        var millrace = (await OfMillrace(run, 1, isTaken: true)).Taken!;
        var (bareParts, millraceParts) = (PartsOf(bare), PartsOf(millrace));
        if (!bareParts.SequenceEqual(millraceParts))
        {
            throw new InvalidOperationException(
                $"The bare client publishes {string.Join(" ", bareParts)}, "
                    + $"but Millrace publishes {string.Join(" ", millraceParts)}.");
        }
    }

    private async Task<(Round Round, Message? Taken)> Bare(int count, bool isTaken = false)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        var round = hasEvents
            ? await broker.PublishEvents(load.Subscription, PendingEvent.Make(count))
            : await broker.PublishBodies(load.Subscription, count);
        return (round, isTaken ? await load.TakeOne() : null);
    }

    private async Task<(Round Round, Message? Taken)> OfMillrace(BenchmarkRun run, int count, bool isTaken = false)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        await using var bench = await run.Storage.NewStore(run);
        using var host = await Application.Start(
            bench.NewStorage(),
            _ => { },
            millrace => broker.Connect(millrace, transport => transport.PublishAll(load.Subscription.Destination)));
        var (store, consumers) = (
            host.Services.GetRequiredService<EventStore>(), host.Services.GetRequiredService<Consumers>());
        var publisher = $"publish.{broker.Name}";
        await Stores.Fill(store, 1);
        // Wait until the connection is open and the publisher has reached the end of the log.
        await consumers.WaitFor(publisher, await store.GetToken(), WaitTimeout);
        await consumers.Pause(publisher);
        await Stores.Fill(store, count);
        var end = await store.GetToken();
        var round = await Round.Measure(async () =>
        {
            await consumers.Resume(publisher);
            return await consumers.WaitFor(publisher, end, WaitTimeout)
                ? ((long)count, (Latencies?)null)
                : throw new InvalidOperationException($"{publisher} did not finish within {WaitTimeout}.");
        });
        await host.StopAsync();
        return (round, isTaken ? await load.TakeOne() : null);
    }

    /// <summary>
    /// Returns the parts of a message as texts. For values that differ between events, only the length is compared.
    /// </summary>
    private static string[] PartsOf(Message message) =>
        [
            $"id:{message.Id.Length}",
            $"type:{message.Type}",
            $"source:{message.Source}",
            $"subject:{message.Subject?.Length}",
            $"key:{message.Key == message.Subject}",
            $"time:{message.Time is not null}",
            $"content:{message.ContentType}",
            $"schema:{message.SchemaVersion}",
            $"correlation:{message.CorrelationId?.Length}",
            $"causation:{message.CausationId?.Length}",
            $"trace:{message.TraceParent?.Length}",
            $"headers:{message.Headers.Count}",
        ];
}
