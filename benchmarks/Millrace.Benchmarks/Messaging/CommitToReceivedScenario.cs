using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Measures the time from the commit of an event in one application until the handler of another application runs, at
/// 2,000 events per second. The handler appends an event. Each application has its own store, and both run in this
/// process.
/// </summary>
internal sealed class CommitToReceivedScenario(IBenchBroker broker) : IScenario
{
    private const int PerSecond = 2_000;
    private const double LimitMs = 20;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    public IReadOnlyList<string> Names { get; } = [$"{broker.Name}-commit-to-received-p95"];

    public async Task<IReadOnlyList<BenchmarkResult>> Run(BenchmarkRun run)
    {
        var rounds = new List<(Latencies FromCommit, Round Appends)>();
        for (var i = 0; i < run.Sizes.Rounds; i++)
            rounds.Add(await Measure(run));
        var (median, appends) = rounds.OrderBy(round => round.FromCommit.Percentile(0.95)).ElementAt(rounds.Count / 2);
        var result = BenchmarkResult.OfLimit(Names[0], "ms", median.Percentile(0.95), null, LimitMs, median) with
        {
            Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"From the scheduled time until durable: P95 "
                        + $"{appends.Latencies!.Percentile(0.95):0.0} ms. {broker.Caveat}"
                )
                .TrimEnd(),
        };
        return [await run.Explain(result, async () => (await Measure(run)).Appends)];
    }

    private async Task<(Latencies FromCommit, Round Appends)> Measure(BenchmarkRun run)
    {
        var arrivals = new long[PerSecond * (run.Sizes.VisibleSeconds + 2)];
        await using var load = await BrokerLoad.Declare(broker, arrivals.Length);
        await using var receiverStore = await run.Storage.NewStore(run);
        await using var senderStore = await run.Storage.NewStore(run);
        using var receiving = await StartReceiver(load, receiverStore.NewStorage(), arrivals);
        using var sending = await Application.Start(
            senderStore.NewStorage(),
            _ => { },
            millrace =>
                broker.Connect(
                    millrace,
                    transport =>
                        transport
                            .PublishAll(load.Subscription.Destination)
                            .Configure(options => options.BeginsAtEnd = true)));
        var store = sending.Services.GetRequiredService<EventStore>();
        var consumers = sending.Services.GetRequiredService<Consumers>();
        // The publisher starts at the end of the log, so it must run before the first event is appended.
        await consumers.WaitFor($"publish.{broker.Name}", await store.GetToken(), WaitTimeout);
        var warmUp = PerSecond * 2;
        await Append(store, 0, warmUp, arrivals);
        var (commits, appends) = await Append(store, warmUp, arrivals.Length - warmUp, arrivals);
        await sending.StopAsync();
        await receiving.StopAsync();
        var fromCommit = new Latencies(commits.Length);
        for (var i = 0; i < commits.Length; i++)
            // The message may arrive before the sender's append completes.
            fromCommit.Add(Math.Max(0, arrivals[warmUp + i] - commits[i]));
        return (fromCommit, appends);
    }

    private Task<IHost> StartReceiver(BrokerLoad load, Storage.IStorage storage, long[] arrivals) =>
        Application.Start(storage, _ => { }, millrace => broker.Connect(millrace, transport => transport.Receive(
            load.Subscription.Name,
            load.Subscription.Destination,
            receiver => receiver.Handle<LineAdded>((line, context, _) =>
            {
                Volatile.Write(ref arrivals[line.Line], Stopwatch.GetTimestamp());
                context.Effect.To(SampleLines.Streams[line.Key], ExpectedVersion.Any, line);
                return ValueTask.CompletedTask;
            }))));

    private static async Task<(long[] Commits, Round Appends)> Append(
        EventStore store, int first, int count, long[] arrivals)
    {
        var commits = new long[count];
        var round = await OpenLoop.Run(PerSecond, count, async i =>
        {
            var key = SampleLines.KeyOf(first + i);
            var line = SampleLines.Instance.Line(key) with { Line = first + i };
            await store.Append(SampleLines.Streams[key], ExpectedVersion.Any, [line]);
            commits[i] = Stopwatch.GetTimestamp();
        });
        using var limit = new CancellationTokenSource(WaitTimeout);
        using var ticks = new PeriodicTimer(PollInterval);
        for (var i = 0; i < count; i++)
        {
            while (Volatile.Read(ref arrivals[first + i]) == 0)
                await ticks.WaitForNextTickAsync(limit.Token);
        }
        return (commits, round);
    }
}
