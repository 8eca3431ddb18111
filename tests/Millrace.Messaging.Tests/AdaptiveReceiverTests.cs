using System.Diagnostics.Metrics;
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

    private static ValueTask Ignore(Placed placed, MessageContext context, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}
