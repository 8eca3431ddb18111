using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Millrace.Testing;
using Node = Millrace.TestSupport.Messaging.Node;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of topics to which other producers write: compacted topics, records without headers, and empty values. They
/// use librdkafka's mock cluster.
/// </summary>
public sealed class OtherProducerTests(KafkaServerFixture fixture) : IClassFixture<KafkaServerFixture>
{
    private const int RecordCount = 12_000;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly string _topic = $"table-{Guid.NewGuid():N}";
    private readonly ConcurrentQueue<string> _deleted = [];

    [Fact]
    public async Task Tombstones_are_skipped_and_the_next_change_of_the_key_is_handled()
    {
        fixture.Server.Create(_topic, 1);
        await using var node = await Start(static receiver => receiver);

        Produce([("7", Change("7", 1)), ("7", null), ("7", Change("7", 2)), ("8", null), ("8", Change("8", 3))]);

        await Eventually.Get(() => Bills(node), static bills => bills.Count == 3, WaitTimeout);
        Assert.Equal(["7 for 1", "7 for 2", "8 for 3"], (await Bills(node)).Order());
        await Eventually.Until(() => Status(node).Tombstones == 2, WaitTimeout);
        Assert.Empty(await node.DeadLetters.List(new Storage.DeadLetterQuery()));
    }

    [Fact]
    public async Task Twelve_thousand_tombstones_and_unreadable_records_do_not_stall_the_receiver()
    {
        fixture.Server.Create(_topic, 2);
        await using var node = await Start(static receiver => receiver.OnUnreadable(UnreadableMessages.Skip));

        Produce(Enumerable.Range(0, RecordCount).Select(static number => ($"{number}", (byte[]?)null)));
        byte[]?[] bodies = ["hi"u8.ToArray(), []];
        Produce(
            Enumerable.Range(0, RecordCount).Select(number => ($"{number}", bodies[number % 2])), hasHeaders: false);
        Produce([("7", Change("7", 1))]);

        await Eventually.Get(() => Bills(node), static bills => bills is ["7 for 1"], WaitTimeout);
        await Eventually.Until(() => Status(node) is { Tombstones: RecordCount, Skipped: RecordCount }, WaitTimeout);
        Assert.Equal(0, await node.DeadLetters.Count(new Storage.DeadLetterQuery()));
    }

    [Fact]
    public async Task A_handler_gets_the_key_of_each_tombstone_as_the_sender_wrote_it()
    {
        fixture.Server.Create(_topic, 1);
        await using var node = await Start(receiver => receiver.HandleTombstones((tombstone, context, _) =>
        {
            _deleted.Enqueue(tombstone.Key);
            context.Effect.To(StreamId.For("bill", "gone"), ExpectedVersion.Any, new Paid("deleted"));
            return ValueTask.CompletedTask;
        }));

        byte[][] keys = ["7"u8.ToArray(), "käse/brot"u8.ToArray(), [0, 0, 0, 7], [0xff], "hex:ff"u8.ToArray(), [0xc3]];
        using (var producer = Producer())
        {
            foreach (var key in keys)
                producer.Produce(_topic, new Message<byte[], byte[]> { Key = key, Value = null! });
            producer.Flush(WaitTimeout);
        }

        await Eventually.Until(() => _deleted.Count == keys.Length, WaitTimeout);
        Assert.Equal(
            ["7", "käse/brot", Encoding.UTF8.GetString([0, 0, 0, 7]), "hex:ff", "hex:6865783a6666", "hex:c3"],
            _deleted);
        Assert.Equal(keys.Length, _deleted.Distinct().Count());
    }

    [Fact]
    public async Task An_empty_value_is_not_a_tombstone_and_is_parked_by_default()
    {
        fixture.Server.Create(_topic, 1);
        await using var node = await Start(static receiver => receiver);

        Produce([("7", [])]);

        var letters = await Eventually.Get(
            async () => await node.DeadLetters.List(new Storage.DeadLetterQuery()),
            static all => all.Count == 1,
            WaitTimeout);
        Assert.Contains("cannot read the message", letters[0].Message, StringComparison.Ordinal);
        Assert.Equal(0, Status(node).Tombstones);
    }

    private static byte[] Change(string order, int total) => Encoding.UTF8.GetBytes($$"""{"order":"{{order}}","total":{{total}}}""");

    private static async Task<List<string>> Bills(Node node) =>
        await node
            .Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private static ReceiverStatus Status(Node node) => node.Transports.List().Single().Receivers.Single();

    private Task<Node> Start(Func<ReceiverBuilder, ReceiverBuilder> configure) =>
        Node.Start(millrace =>
            millrace.UseKafka(
                fixture.Server.Address,
                kafka =>
                    kafka.Receive(
                        $"billing-{_topic}",
                        _topic,
                        receiver =>
                            configure(
                                receiver.Handle<Placed>(
                                    (placed, context, _) =>
                                    {
                                        context.Effect.To(
                                            StreamId.For("bill", placed.Order),
                                            ExpectedVersion.Any,
                                            new Paid($"{placed.Order} for {placed.Total}"));
                                        return ValueTask.CompletedTask;
                                    }
                                )
                            )
                    ),
                static options => options.CreatesTopics = false));

    private IProducer<byte[], byte[]> Producer() =>
        new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = fixture.Server.Address }).Build();

    private void Produce(IEnumerable<(string Key, byte[]? Value)> records, bool hasHeaders = true)
    {
        using var producer = Producer();
        var number = 0;
        foreach (var (key, value) in records)
        {
            var headers = new Headers();
            if (hasHeaders && value is not null)
            {
                headers.Add("ce_id", Encoding.UTF8.GetBytes($"{key}-{++number}-{Guid.NewGuid():N}"));
                headers.Add("ce_type", "order.placed"u8.ToArray());
                headers.Add("ce_source", "elsewhere"u8.ToArray());
            }
            producer.Produce(
                _topic,
                new Message<byte[], byte[]>
                {
                    Key = Encoding.UTF8.GetBytes(key),
                    Value = value!,
                    Headers = headers,
                }
            );
        }
        Assert.Equal(0, producer.Flush(WaitTimeout));
    }
}
