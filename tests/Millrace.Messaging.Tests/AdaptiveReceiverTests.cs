using System.Diagnostics.Metrics;
using System.Text;
using Millrace.Consuming;
using Millrace.Messaging.Receiving;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests of receivers that adapt their batches and workers to the load.</summary>
public sealed class AdaptiveReceiverTests
{
    private readonly InMemoryBroker _broker = new();

    [Fact]
    public async Task A_slow_handler_gets_more_workers_and_keeps_the_order_of_each_key()
    {
        await using var sender = new InMemoryTransport(_broker);

        await AdaptiveReceiverChecks.Adapts(
            (millrace, configure) => millrace.UseInMemoryTransport(configure, _broker), sender, "adapting");
    }

    [Fact]
    public async Task The_requirements_of_the_options_apply_to_receivers_without_their_own()
    {
        await using var node = await Node.Start(
            millrace => millrace.UseInMemoryTransport(
                static transport => transport
                    .Receive("common", "orders", static receiver => receiver.Handle<Placed>(Ignore))
                    .Receive("own", "orders", static receiver => receiver
                        .AdaptLoad(static load => load.Priority = LoadPriority.Latency)
                        .Handle<Placed>(Ignore)),
                _broker),
            settings: new Dictionary<string, string?> { ["Millrace:Consumers:Load:Priority"] = "Throughput" });

        var receivers = await Eventually.Get(
            () => Task.FromResult(node.Transports.List().Single().Receivers),
            static receivers => receivers.Count == 2 && receivers.All(static one => one.Load is not null));

        Assert.Equal(
            [LoadPriority.Throughput, LoadPriority.Latency], receivers.Select(static one => one.Load!.Priority));
        Assert.Equal([250, 100], receivers.Select(static one => one.Load!.BatchEvents));
    }

    [Fact]
    public async Task A_receiver_without_requirements_has_the_fixed_settings()
    {
        await using var node = await Node.Start(millrace => millrace.UseInMemoryTransport(
            static transport => transport.Receive(
                "fixed", "orders", static receiver => receiver.Handle<Placed>(Ignore)),
            _broker));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);

        Assert.Null(node.Transports.List().Single().Receivers.Single().Load);
    }

    [Fact]
    public async Task The_size_of_batches_and_the_number_of_workers_are_metrics()
    {
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("millrace.messaging.load.", StringComparison.Ordinal))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "messaging.consumer.group.name", Value: "measured" })
                    values[instrument.Name] = value;
            }
        });
        listener.Start();
        await using var node = await Node.Start(millrace => millrace.UseInMemoryTransport(
            static transport => transport.Receive(
                "measured",
                "orders",
                static receiver => receiver
                    .AdaptLoad(static load => (load.MinWorkers, load.MaxWorkers) = (3, 3))
                    .Handle<Placed>(Ignore)),
            _broker));

        await Eventually.Until(() => node.Transports.List().Single().Receivers.Single().Load is not null);
        listener.RecordObservableInstruments();

        Assert.Equal(250, values["millrace.messaging.load.batch"]);
        Assert.Equal(3, values["millrace.messaging.load.workers"]);
    }

    [Fact]
    public async Task A_gate_admits_callers_in_order_and_follows_its_limit()
    {
        var limit = 1;
        var gate = new WorkerGate(() => limit);
        using var cancellation = new CancellationTokenSource();
        await gate.Enter(CancellationToken.None);
        var cancelled = gate.Enter(cancellation.Token).AsTask();
        var second = gate.Enter(CancellationToken.None).AsTask();
        var third = gate.Enter(CancellationToken.None).AsTask();
        Assert.Equal(3, gate.WaitingCount);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        gate.Leave();
        await second.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.False(third.IsCompleted);
        limit = 2;
        gate.Leave();
        await third.WaitAsync(TimeSpan.FromSeconds(30));
        await gate.Enter(CancellationToken.None);

        Assert.Equal(0, gate.WaitingCount);
        var fourth = gate.Enter(CancellationToken.None).AsTask();
        Assert.False(fourth.IsCompleted);
    }

    [Fact]
    public async Task A_slow_message_does_not_stop_messages_of_other_keys()
    {
        const int Messages = 600;
        const int SlowEvery = 50; // Each batch of ten has at most one.
        var others = 0;
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sender = new InMemoryTransport(_broker);
        await using var node = await Node.Start(millrace => millrace.UseInMemoryTransport(
            transport => transport.Receive(
                "uneven",
                "orders",
                receiver => receiver
                    .AdaptLoad(static load =>
                    {
                        (load.MinBatchEvents, load.MaxBatchEvents) = (1, 10);
                        (load.MinWorkers, load.MaxWorkers) = (4, 4);
                    })
                    .Handle<Placed>(async (placed, _, cancellationToken) =>
                    {
                        if (placed.Order == "slow")
                            await release.Task.WaitAsync(cancellationToken);
                        else
                            Interlocked.Increment(ref others);
                    })),
            _broker));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);

        await sender.Publish(
            [.. Enumerable.Range(0, Messages).Select(number => MessageOf(number, number % SlowEvery == 0))], default);
        try
        {
            await Eventually.Until(() => Volatile.Read(ref others) == Messages - (Messages / SlowEvery));
        }
        finally
        {
            release.SetResult();
        }
    }

    [Fact]
    public void All_batches_of_a_pass_count_as_full_and_take_until_their_own_end()
    {
        var clock = new StepClock();
        var options = new LoadOptions
        {
            Priority = LoadPriority.Latency,
            TargetLatency = TimeSpan.FromSeconds(1),
            MaxWorkers = 1,
        };
        var load = new ReceiverLoad(
            options, new LoadBounds(250, 4), new ResourceMonitor(clock), static _ => { }, clock);
        Assert.Equal(100, load.BatchMessages);
        load.Restart();

        var startedAt = clock.GetTimestamp();
        load.Started(100);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        var endedAt = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromMilliseconds(200)); // The loop of the receiver was waiting for something else.
        load.Limited();
        load.Ended([.. Enumerable.Repeat((100, startedAt, endedAt), 4)], inFlight: 100);
        clock.Advance(TimeSpan.FromMilliseconds(200));
        load.Limited();
        load.Ended([(100, endedAt, clock.GetTimestamp())], inFlight: 100);

        // Five of five batches were full. Their mean duration is 160 ms, and not 320 ms.
        var decision = Assert.Single(load.TakeStatus().Decisions);
        Assert.Equal(LoadReason.EventsWait, decision.Reason);
        Assert.InRange(decision.BatchEvents, 101, 250);
        Assert.Equal(TimeSpan.FromMilliseconds(160), decision.BatchTime);
    }

    [Fact]
    public async Task A_wait_for_unfinished_messages_ends_when_enough_are_finished()
    {
        var unfinished = new UnfinishedMessages();
        unfinished.Add(10);

        var waiting = unfinished.WhenAtMost(8);
        unfinished.Remove(1);
        Assert.False(waiting.IsCompleted);
        unfinished.Remove(1);

        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.True(unfinished.WhenAtMost(8).IsCompleted);
        Assert.Equal(8, unfinished.Count);
    }

    private static OutgoingMessage MessageOf(int number, bool isSlow)
    {
        var key = isSlow ? "slow" : $"{number}";
        return new("orders", new Message
        {
            Id = $"uneven-{number}",
            Type = "order.placed",
            Source = "shop",
            Subject = $"order-{key}",
            Body = Encoding.UTF8.GetBytes($$"""{"order":"{{key}}","total":{{number}}}"""),
        });
    }

    private static ValueTask Ignore(Placed placed, MessageContext context, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>A clock that a test advances, for durations.</summary>
    private sealed class StepClock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
