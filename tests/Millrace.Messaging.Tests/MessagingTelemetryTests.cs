using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using Millrace.Testing;

namespace Millrace.Messaging.Tests;

public sealed class MessagingTelemetryTests
{
    private const string ReceiverTags =
        "messaging.consumer.group.name, messaging.destination.name, messaging.operation.name, messaging.system";

    private const string SenderTags = "messaging.destination.name, messaging.operation.name, messaging.system";

    // Dashboards and alerts rely on these names.
    private static readonly string[] Instruments =
    [
        $"messaging.client.consumed.messages {{message}} Counter: {ReceiverTags}",
        $"messaging.client.operation.duration s Histogram: {ReceiverTags}",
        $"messaging.client.operation.duration s Histogram: {SenderTags}",
        $"messaging.client.sent.messages {{message}} Counter: error.type, {SenderTags}",
        $"messaging.client.sent.messages {{message}} Counter: {SenderTags}",
        $"messaging.process.duration s Histogram: error.type, {ReceiverTags}",
        $"messaging.process.duration s Histogram: {ReceiverTags}",
        "millrace.messaging.bodies {body} Counter: messaging.operation.name, messaging.system",
        $"millrace.messaging.duplicates {{message}} Counter: {ReceiverTags}",
        $"millrace.messaging.held {{message}} Counter: {ReceiverTags}",
        $"millrace.messaging.in_hand {{message}} UpDownCounter: {ReceiverTags}",
        $"millrace.messaging.lag.time s Histogram: {ReceiverTags}",
    ];

    private readonly InMemoryBroker _broker = new();

    [Fact]
    public async Task The_messaging_instruments_have_these_names_and_count_messages()
    {
        using var measured = new MeasuredMessages("measured");
        await using var node = await Node.Start(millrace => millrace.UseInMemoryTransport(
            transport => transport
                .Receive("measuring", "measured", receiver => receiver.Handle<Placed>(Bill))
                .Configure(options => options.ClaimCheckAbove = 1_000),
            _broker));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        var (first, large, bad) = (MessageOf("1"), MessageOf(new string('x', 2_000)), MessageOf("bad"));

        await Publish(node, first);
        await Publish(node, large);
        await Publish(node, bad);
        await Publish(node, first); // A duplicate.
        await Assert.ThrowsAsync<MessageUnroutableException>(
            async () => await Publish(node, MessageOf("1") with { Type = "order.unknown" }));

        await Eventually.Until(() =>
            measured["millrace.messaging.duplicates"] == 1
            && measured["millrace.messaging.in_hand"] == 0
            && measured["messaging.client.consumed.messages"] == 4);
        Assert.Equal(4, measured["messaging.client.sent.messages"]);
        Assert.Equal(1, measured["messaging.client.sent.messages unroutable"]);
        Assert.Equal(1, measured["millrace.messaging.held"]);
        // The body was stored and read. Tests that run at the same time may add to the counts.
        Assert.True(measured["millrace.messaging.bodies"] >= 2);
        Assert.InRange(measured["millrace.messaging.lag.time"], 4 * 3_600, (4 * 3_600) + 600); // Each is 1 h old.
        // The last measurement is reported after the effect.
        await Eventually.Until(() => Instruments.SequenceEqual(measured.Shapes));
    }

    [Fact]
    public async Task A_gauge_shows_whether_the_broker_is_available()
    {
        var values = new ConcurrentQueue<int>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, meters) =>
            {
                if (instrument.Name == "millrace.messaging.available")
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new KeyValuePair<string, object?>("millrace.transport.name", "gauged")))
                values.Enqueue(value);
        });
        listener.Start();
        await using var node = await Node.Start(millrace => millrace.UseTransport(
            "gauged", _ => new InMemoryTransport(_broker), transport => transport.PublishAll("gauged")));
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
        listener.RecordObservableInstruments();
        _broker.MakeUnavailable();
        await Assert.ThrowsAsync<TransportUnavailableException>(async () =>
            await node.Transports.Publish("gauged", "gauged", MessageOf("1")));

        listener.RecordObservableInstruments();

        Assert.Equal([1, 0], values);
    }

    [Fact]
    public async Task Publishing_writes_a_span_with_destination_and_status()
    {
        using var spans = new Spans();
        await using var node = await Node.Start(millrace =>
            millrace.UseTransport(
                InMemoryTransport.Name,
                _ => new FaultyTransport(_broker)
                {
                    MapOutcomes = static _ => throw new TransportUnavailableException("memory", "It broke."),
                },
                transport => transport.PublishAll("spanned")));
        await Assert.ThrowsAsync<TransportUnavailableException>(async () =>
            await node.Transports.Publish(InMemoryTransport.Name, "spanned", MessageOf("2")));
        await using var other = await Node.Start(millrace =>
            millrace.UseInMemoryTransport(
                transport => transport.Receive("spanning", "spanned", receiver => receiver.Handle<Placed>(Bill)),
                _broker));
        await Eventually.Until(() => other.Transports.List().Single().State == TransportState.Connected);

        await other.Transports.Publish(InMemoryTransport.Name, "spanned", MessageOf("1"));

        var sent = spans.Of("send spanned");
        Assert.All(sent, span => Assert.Equal(ActivityKind.Producer, span.Kind));
        Assert.Equal("send", sent[^1].GetTagItem("messaging.operation.name"));
        Assert.Equal("spanned", sent[^1].GetTagItem("messaging.destination.name"));
        Assert.Equal("memory", sent[^1].GetTagItem("messaging.system"));
        Assert.Equal([ActivityStatusCode.Error, ActivityStatusCode.Unset], sent.Select(span => span.Status));
    }

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        if (placed.Order == "bad")
            throw new InvalidOperationException("Broken.");
        context.Effect.To(StreamId.For("bill", "1"), ExpectedVersion.Any, new Paid("1"));
        return ValueTask.CompletedTask;
    }

    private static ValueTask Publish(Node node, Message message) =>
        node.Transports.Publish(InMemoryTransport.Name, "measured", message);

    private static Message MessageOf(string order) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Type = "order.placed",
        Time = DateTimeOffset.UtcNow.AddHours(-1),
        Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":1}"""),
    };
}
