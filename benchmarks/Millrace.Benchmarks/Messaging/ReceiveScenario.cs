using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures messages that are received through the inbox, each with an event or a row as its effect. The comparison is
/// the bare client, which writes a row for each message in batches. The measurement starts at the first message and
/// does not include opening connections. Both commit at most a thousand messages together. The bare client receives the
/// next messages only after the commit. Millrace receives up to <c>Prefetch</c> messages and commits a quarter of this
/// limit at a time.
/// </summary>
internal sealed class ReceiveScenario(IBenchBroker broker, bool hasRows, double goal) : IScenario
{
    private const int MaxUnacknowledged = 4_000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    public IReadOnlyList<string> Names { get; } = [$"{broker.Name}-receive{(hasRows ? "-rows" : "")}"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var count = run.Sizes.Messages;
        Task<Round> Again() => OfMillrace(run, count);
        var rounds = await PairedRounds.RunAlternating(run.Sizes.Rounds, _ => Bare(run, count), _ => Again());
        return [await run.Explain(BenchmarkResult.OfRates(Names[0], "messages/s", rounds, goal), Again)];
    }

    private async Task<Round> Bare(BenchmarkRun run, int count)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        await load.Fill(count);
        await using var bench = await run.Storage.NewStore(run);
        await using var rows = await bench.OpenRows();
        return await broker.ReceiveBare(load.Subscription, count, rows);
    }

    private async Task<Round> OfMillrace(BenchmarkRun run, int count)
    {
        await using var load = await BrokerLoad.Declare(broker, count);
        await load.Fill(count);
        await using var bench = await run.Storage.NewStore(run);
        if (hasRows)
            await CreateTable(bench);
        IHost? host = null;
        try
        {
            return await Round.Measure(async begin =>
            {
                var handled = new HandledMessages(load.Subscription.Name, count, MaxUnacknowledged, begin);
                host = await Start(bench, load.Subscription, handled);
                await AwaitAll(handled, host.Services.GetRequiredService<EventStore>());
                await host.StopAsync();
                return ((long)count, (Latencies?)null);
            });
        }
        finally
        {
            host?.Dispose();
        }
    }

    private Task<IHost> Start(IBenchStore bench, Subscription subscription, HandledMessages handled) =>
        Application.Start(
            bench.NewStorage(),
            _ => { },
            millrace =>
                broker.Connect(
                    millrace,
                    transport =>
                        transport
                            .Receive(
                                subscription.Name,
                                subscription.Destination,
                                receiver =>
                                    receiver.Handle<LineAdded>(
                                        (line, context, _) =>
                                        {
                                            handled.Add(context.Message);
                                            if (hasRows)
                                                context.Statement(
                                                    bench.RowStatements.Insert,
                                                    context.Message.Id,
                                                    context.Message.Body);
                                            else
                                                context.Effect.To(
                                                    SampleLines.Streams[line.Key], ExpectedVersion.Any, line);
                                            return ValueTask.CompletedTask;
                                        }
                                    )
                            )
                            .Configure(static options => options.Prefetch = MaxUnacknowledged)));

    private static async Task AwaitAll(HandledMessages handled, EventStore store)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var ticks = new PeriodicTimer(PollInterval);
        while (!await handled.AreCommitted(store, limit.Token))
            await ticks.WaitForNextTickAsync(limit.Token);
    }

    private static async Task CreateTable(IBenchStore bench)
    {
        await using var store = await Stores.Open(bench.NewStorage());
        var request = new CommitRequest { Statements = [new SqlStatement(bench.RowStatements.Create, [])] };
        var created = await store.TryCommit(request, isBackground: false, CancellationToken.None);
        if (created.Refusal is { } refusal)
            throw refusal;
    }
}
