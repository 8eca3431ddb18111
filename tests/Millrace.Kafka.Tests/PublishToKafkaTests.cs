using System.Text;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Kafka.Tests;

/// <summary>Tests of events that one application publishes to Kafka and another application receives.</summary>
public sealed class PublishToKafkaTests
{
    private const string Publisher = "publish.kafka";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task All_messages_arrive_in_stream_order_when_the_broker_stops_during_publishing()
    {
        using var server = new KafkaServer();
        await using var node = await Node.Start(millrace => Use(
            millrace, server, kafka => kafka.PublishAll("orders").Configure(options => options.BatchMessages = 50)));

        for (var time = 0; time < 3; time++)
        {
            var appending = PlaceInTwentyStreams(node, time * 20, 10);
            var seen = await Lag(node);
            // Wait until the publisher has begun.
            await Eventually.Get(() => Lag(node), lag => lag != seen || lag == 0, WaitTimeout);
            server.TakeDown();
            await appending;
            // The broker is down for all of these events, even when the earlier events were published quickly.
            await PlaceInTwentyStreams(node, (time * 20) + 10, 10);
            await Eventually.Get(node.Consumers, Publisher, static status => status.LagEvents >= 200, WaitTimeout);
            server.BringUp();
        }
        await Eventually.Get(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

        var firsts = await FirstsOf(server, "orders", 1_200);
        Assert.All(firsts.GroupBy(message => message.Key), stream => Assert.Equal(
            Enumerable.Range(1, 60).Select(total => $$"""{"order":"{{stream.Key[6..]}}","total":{{total}}}"""),
            stream.Select(message => Encoding.UTF8.GetString(message.Body.Span))));
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    [Fact]
    public async Task Messages_that_arrive_twice_or_during_an_outage_have_their_effect_once()
    {
        using var server = new KafkaServer();
        await using var billing = await Node.Start(millrace =>
            Use(
                millrace,
                server,
                kafka => kafka.Receive("billing", "orders", receiver => receiver.Handle<Placed>(Bill))));
        await using var shop = await Node.Start(millrace =>
            Use(millrace, server, kafka => kafka.Publish<Placed>("orders")));
        for (var total = 1; total <= 100; total++)
            await shop.Store.Place($"{total % 10}", total);
        await Eventually.Get(() => Bills(billing), static bills => bills.Count > 0, WaitTimeout);

        server.TakeDown();
        await Eventually.Until(
            () => billing.Transports.List().Single().State == TransportState.Unavailable, WaitTimeout);
        server.BringUp();
        await shop.Consumers.Pause(Publisher);
        await shop.Consumers.Reset(Publisher, 0); // Publishes all events again.
        await shop.Consumers.Resume(Publisher);
        await shop.Store.Place("last", 101);

        await Eventually.Get(
            () => Bills(billing), static bills => bills.Any(bill => bill.Order == "last for 101"), WaitTimeout);
        await Eventually.Get(() => Bills(billing), static bills => bills.Count == 101, WaitTimeout);
        Assert.All(
            (await Bills(billing))
                .Select(bill => bill.Order.Split(" for "))
                .GroupBy(parts => parts[0], parts => int.Parse(parts[1])),
            totals => Assert.Equal(totals.Order(), totals));
        Assert.Equal(0, await billing.DeadLetters.Count(new DeadLetterQuery()));
    }

    [Fact]
    public async Task The_publisher_waits_for_a_broker_that_is_unavailable_at_the_start()
    {
        using var server = new KafkaServer();
        server.TakeDown();
        await using var node = await Node.Start(
            millrace => millrace.UseKafka("nowhere.invalid:9092", kafka => kafka.PublishAll("orders")),
            settings: new Dictionary<string, string?>
            {
                ["Millrace:Kafka:Servers"] = server.Address,
                ["Millrace:Kafka:CreatesTopics"] = "false",
                ["Millrace:Kafka:RequestTimeout"] = "00:00:01",
                ["Millrace:Kafka:Settings:reconnect.backoff.max.ms"] = "500",
            });
        await node.Store.Place("7");
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Unavailable, WaitTimeout);

        server.BringUp();
        await Eventually.Get(node.Consumers, Publisher, static status => status.LagEvents == 0, WaitTimeout);

        Assert.Equal("order-7", (await FirstsOf(server, "orders", 1)).Single().Key);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);
    }

    private static void Use(MillraceBuilder millrace, KafkaServer server, Action<TransportBuilder> configure) =>
        millrace.UseKafka(
            server.Address,
            configure,
            options =>
            {
                options.CreatesTopics = false; // This broker creates a topic when a client first uses the name.
                options.TakeOverAfter = TimeSpan.FromSeconds(4);
            }
        );

    private static ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }

    private static async Task<List<Paid>> Bills(Node node) =>
        await node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(recorded => (Paid)recorded.Data).ToListAsync();

    private static Task PlaceInTwentyStreams(Node node, int placed, int count) =>
        Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(async order =>
                {
                    for (var total = placed + 1; total <= placed + count; total++)
                        await node.Store.Place($"{order}", total);
                })
        );

    private static async Task<long> Lag(Node node) => (await node.Consumers.Get(Publisher)).LagEvents;

    /// <summary>
    /// Returns the messages in the order of their first arrival. A publisher may send a message twice.
    /// </summary>
    private static async Task<List<Message>> FirstsOf(KafkaServer server, string topic, int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await using var transport = new KafkaTransport(new KafkaOptions
        {
            Servers = server.Address,
            CreatesTopics = false,
            TakeOverAfter = TimeSpan.FromSeconds(4),
        });
        await using var receiver = await transport.Receive(new Subscription("shipping", topic), limit.Token);
        var firsts = new List<Message>();
        var seen = new HashSet<string>();
        while (firsts.Count < count)
        {
            var some = await receiver.Take(200, limit.Token);
            await receiver.Acknowledge(some, limit.Token);
            firsts.AddRange(some.Select(delivery => delivery.Message).Where(message => seen.Add(message.Id)));
        }
        return firsts;
    }
}
