using Microsoft.Extensions.DependencyInjection;
using Millrace.Consuming;
using Millrace.Queries;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests of tuning runs on an application with a SQLite file.</summary>
public sealed class TunerTests : IDisposable
{
    private const string Mailer = "mailer";
    private const string Operator = "ada";
    private const int Streams = 100;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(3);

    private readonly ShopFile _file = new();
    private readonly SemaphoreSlim _never = new(0);

    public void Dispose()
    {
        _file.Dispose();
        _never.Dispose();
    }

    [Fact]
    public async Task Batching_workers_and_a_cache_gain_for_a_handler_and_a_query_that_wait()
    {
        // Batches of the present size must fit into an interval.
        void UseSmallBatches(ConsumerOptions options) => (options.BatchEvents, options.Workers) = (40, 4);
        var handler = TimeSpan.FromMilliseconds(5);
        await using var node = await Start(HandlerOf(handler), configure: UseSmallBatches);
        await using var other = await Start(HandlerOf(handler), _file.Open(), UseSmallBatches);
        await Append(node, 30_000);
        node.Calls.BeforeAnswer = () => _never.WaitAsync(TimeSpan.FromMilliseconds(5)); // A handler that waits.
        using var ending = new CancellationTokenSource();
        var asking = AskUntil(node, ending.Token);
        var here = await RunnerOf(node, other);

        var report = await Tune(here, Mailer, whileRunning: () => Assert.ThrowsAsync<TuningBusyException>(
            () => TunerOf(other).Start(null, Duration, Operator)));
        await ending.CancelAsync();
        await asking;

        Assert.True(report.State == TuningState.Completed, report.Reason);
        Assert.Equal((Mailer, Operator), (report.Consumer, report.By));
        Assert.Contains(report.Rows, static row => row is { Setting: "none", EventsPerSecond: > 0, P99: not null });
        Assert.Contains(report.Rows, static row => row is { Setting: "present", EventsPerSecond: > 0 });
        var gains = report.Gains.ToDictionary(static gain => (gain.Subject, gain.Factor));
        // On a busy machine, the interval of a gain can be so wide that the verdict is "unclear".
        Assert.InRange(gains[(Mailer, TuningFactor.Concurrency)].Alone!.Value, 1.5, double.MaxValue);
        Assert.InRange(gains[(Mailer, TuningFactor.Together)].Alone!.Value, 1.5, double.MaxValue);
        Assert.Contains((Mailer, TuningFactor.Batching), gains.Keys);
        if (gains[(Mailer, TuningFactor.Together)].Verdict == TuningVerdict.Gains && report.Reason is null)
            Assert.Contains(report.Advice, static advice => advice.Name == "Millrace:Consumers:Workers");
        AssertRestored(here);
        Assert.Equal(report.Id, (await TunerOf(other).FindReport())!.Id);
        if (ReferenceEquals(here, node))
            Assert.InRange(gains[("get-parcel", TuningFactor.Caching)].Alone!.Value, 1.5, double.MaxValue);
    }

    [Fact]
    public async Task A_consumer_with_nothing_to_gain_is_reported_so()
    {
        await using var node = await Start(HandlerOf(TimeSpan.FromMilliseconds(10)).ByKey(static _ => "one"));
        await Append(node, 5_000);

        var report = await Tune(node, consumer: null, duration: TimeSpan.FromSeconds(12));

        Assert.True(report.State == TuningState.Completed, report.Reason);
        Assert.Equal(Mailer, report.Consumer); // The only one with load.
        Assert.Equal(3, report.Gains.Count);
        Assert.All(report.Gains, static gain => Assert.InRange(gain.Alone!.Value, 0.2, 3)); // On a busy machine.
        Assert.NotEqual(
            TuningVerdict.Gains, report.Gains.Single(static gain => gain.Factor == TuningFactor.Concurrency).Verdict);
        Assert.Empty(report.Advice);
        AssertRestored(node);
    }

    [Fact]
    public async Task Workers_gain_nothing_for_one_key_although_batches_do()
    {
        await using var node = await Start(HandlerOf(TimeSpan.Zero).ByKey(static _ => "one"));
        await Append(node, 50_000);
        using var ending = new CancellationTokenSource();
        var appending = AppendUntil(node, ending.Token);

        var report = await Tune(node, Mailer);
        await ending.CancelAsync();
        await appending;

        Assert.True(report.State == TuningState.Completed, report.Reason);
        Assert.NotEqual(
            TuningVerdict.Gains, report.Gains.Single(static gain => gain.Factor == TuningFactor.Concurrency).Verdict);
    }

    [Fact]
    public async Task A_batch_handler_with_a_cost_for_each_call_gains_by_batching()
    {
        await using var node = await Start(ConsumerDefinition.Batch(
            Mailer,
            EventFilter.All,
            async (events, cancellationToken) =>
                await _never.WaitAsync(TimeSpan.FromMilliseconds(5 + events.Count), cancellationToken)));
        await Append(node, 30_000); // More than it handles in the time: batches are then full.

        var report = await Tune(node, Mailer);

        Assert.True(report.State == TuningState.Completed, report.Reason);
        var gain = Assert.Single(report.Gains);
        Assert.Equal(TuningFactor.Batching, gain.Factor);
        Assert.InRange(gain.Alone!.Value, 1.5, double.MaxValue);
    }

    [Fact]
    public async Task Without_load_nothing_is_measured()
    {
        await using var node = await Start(HandlerOf(TimeSpan.Zero));

        var report = await Tune(node, Mailer);

        Assert.Equal(TuningState.NoLoad, report.State);
        Assert.Contains("at least 20 are needed", report.Reason, StringComparison.Ordinal);
        Assert.Empty(report.Rows);
        AssertRestored(node);
    }

    [Fact]
    public async Task A_consumer_that_does_not_exist_or_is_paused_is_refused()
    {
        await using var node = await Start(HandlerOf(TimeSpan.Zero));
        await node.Services.GetRequiredService<Consumers>().Pause(Mailer);
        var tuner = TunerOf(node);

        await Assert.ThrowsAsync<ConsumerNotFoundException>(() => tuner.Start("other", Duration, Operator));
        var projection = HostOf(node).All.First(static one => !one.Processor.CanAdapt).Name;
        await Assert.ThrowsAsync<TuningRefusedException>(() => tuner.Start(projection, Duration, Operator));
        await Eventually.Until(() => HostOf(node).FindAll(Mailer).All(static one => one.IsPaused), Node.WaitTimeout);
        var paused = await Assert.ThrowsAsync<TuningRefusedException>(() => tuner.Start(Mailer, Duration, Operator));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => tuner.Start(Mailer, TimeSpan.FromSeconds(1), Operator));

        Assert.Contains("it is paused", paused.Message, StringComparison.Ordinal);
        Assert.Null(await tuner.FindReport());
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_run_and_the_report_states_it()
    {
        await using var other = await Start(HandlerOf(TimeSpan.FromMilliseconds(2)));
        await using (var node = await Start(HandlerOf(TimeSpan.FromMilliseconds(2)), _file.Open()))
        {
            await Append(node, 20_000);
            await TunerOf(await RunnerOf(node, other)).Start(null, TimeSpan.FromMinutes(1), Operator);
            if (HostOf(other).FindAll(Mailer).Any(static one => one.Lease is not null))
                await other.DisposeAsync();
        }
        await using var next = await Start(HandlerOf(TimeSpan.FromMilliseconds(2)), _file.Open());

        var report = await TunerOf(next).FindReport();

        Assert.Equal(TuningState.Interrupted, report!.State);
        await TunerOf(next).Start(null, Duration, Operator); // The lock is free.
    }

    private static Tuner TunerOf(Node node) => node.Services.GetRequiredService<Tuner>();

    private static ConsumerHost HostOf(Node node) => node.Services.GetRequiredService<ConsumerHost>();

    private static void AssertRestored(Node node)
    {
        Assert.All(HostOf(node).All, static consumer => Assert.Null(consumer.Processor.Trial));
        Assert.Null(node.Services.GetRequiredService<QueryCache>().Trial);
    }

    /// <summary>Returns the node that runs the consumer.</summary>
    private static async Task<Node> RunnerOf(Node node, Node other)
    {
        bool Runs(Node one) => HostOf(one).FindAll(Mailer).Any(static consumer => consumer.Lease is not null);
        await Eventually.Until(() => Runs(node) || Runs(other), Node.WaitTimeout);
        return Runs(node) ? node : other;
    }

    private static async Task<TuningReport> Tune(
        Node node, string? consumer, Func<Task>? whileRunning = null, TimeSpan? duration = null)
    {
        if (consumer is not null)
            await Eventually.Until(
                () => HostOf(node).FindAll(consumer).Any(static one => one.Lease is not null), Node.WaitTimeout);
        var started = await TunerOf(node).Start(consumer, duration ?? Duration, Operator);
        Assert.Equal(TuningState.Running, started.State);
        if (whileRunning is not null)
            await whileRunning();
        return (await Eventually.Get(
            () => TunerOf(node).FindReport(), static report => report is not { State: TuningState.Running }, MaxWait))!;
    }

    private static async Task Append(Node node, int events)
    {
        for (var from = 0; from < events; from += Streams)
        {
            var request = new AppendRequest();
            for (var i = 0; i < Streams; i++)
                request.To(new StreamId($"parcel-{i}"), ExpectedVersion.Any, new ParcelMoved($"{i}", "hall"));
            await node.Store.Append(request);
        }
    }

    private static async Task AppendUntil(Node node, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
            await Append(node, Streams);
    }

    private static async Task AskUntil(Node node, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
            await node.Ask(new GetParcel("unknown"));
    }

    private ConsumerDefinition HandlerOf(TimeSpan wait) => ConsumerDefinition.Each(
        Mailer, EventFilter.All, async (_, cancellationToken) => await _never.WaitAsync(wait, cancellationToken));

    private Task<Node> Start(
        ConsumerDefinition consumer,
        Storage.IStorage? storage = null,
        Action<ConsumerOptions>? configure = null) => Node.Start(
            storage ?? _file.Open(),
            configure: millrace => millrace
                .AddConsumer(_ => consumer)
                .ConfigureConsumers(configure ?? (static _ => { })));
}
