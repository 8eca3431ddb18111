using System.Text;
using Confluent.Kafka;
using Message = Millrace.Messaging.Message;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests that published records arrive unchanged. Confluent's consumer reads them, independently of the adapter's
/// writer.
/// </summary>
public sealed class PublishedRecordsTests(KafkaServerFixture fixture) : IClassFixture<KafkaServerFixture>
{
    private const int ManyHeaders = 40;

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private static int _names;

    private readonly string _topic = $"records-{Interlocked.Increment(ref _names)}";

    [Fact]
    public async Task Keys_headers_and_bodies_arrive_byte_for_byte()
    {
        var buffer = Encoding.UTF8.GetBytes("before{}after");
        var longText = string.Concat(Enumerable.Repeat("größer €𝄞 ", 800));
        Message[] messages =
        [
            CreateMessage("plain", "{}"u8.ToArray()),
            CreateMessage("empty", Array.Empty<byte>()),
            CreateMessage("nowhere", default),
            CreateMessage("a part", buffer.AsMemory(6, 2)),
            CreateMessage("bytes", Enumerable.Range(0, 256).Select(number => (byte)number).ToArray()),
            CreateMessage("ключ-𝄞", "{}"u8.ToArray()),
            CreateMessage("half \uD834 pair", "{}"u8.ToArray()),
            CreateMessage("", "no key"u8.ToArray()),
            CreateMessage("no value", "{}"u8.ToArray(), ("x-empty", "")),
            CreateMessage("long", new byte[100_000], ("x-long", longText), ("x-after", "short")),
            CreateMessage(
                "many",
                "{}"u8.ToArray(),
                [.. Enumerable.Range(0, ManyHeaders).Select(number => ($"x-{number}", $"{number}"))]),
            CreateMessage("taken", "{}"u8.ToArray(), ("content-type", "mine"), ("header_a", "b")),
        ];
        for (var i = 0; i < messages.Length; i++)
            messages[i] = messages[i] with { Id = $"{i}" };
        await using var transport = Transport();

        var outcomes = await transport.Publish(
            [.. messages.Select(message => new OutgoingMessage(_topic, message))], Cancel);

        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
        var records = Read(messages.Length);
        foreach (var message in messages)
        {
            var record = records[message.Id];
            Assert.Equal(Encoding.UTF8.GetBytes(message.Key), record.Key);
            Assert.Equal(message.Body.ToArray(), record.Value);
            Assert.Equal(
                HeadersOf(message),
                record.Headers.Select(header => (header.Key, Encoding.UTF8.GetString(header.GetValueBytes()))));
        }
    }

    [Fact]
    public async Task A_record_has_the_time_at_which_it_is_published_and_the_partition_of_its_key()
    {
        await using var transport = Transport();
        var before = DateTimeOffset.FromUnixTimeMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var old = CreateMessage("1", default) with { Time = before.AddYears(-1) };

        await transport.Publish(
            [.. Enumerable.Range(0, 20).Select(number => new OutgoingMessage(_topic, old with { Id = $"{number}" }))],
            Cancel);

        var records = ReadAll(20);
        Assert.Single(records.Select(record => record.Partition.Value).Distinct());
        Assert.Equal(
            Enumerable.Range(0, 20).Select(number => $"{number}"),
            records.OrderBy(record => record.Offset.Value).Select(record => IdOf(record.Message)));
        Assert.All(records, record => Assert.InRange(
            record.Message.Timestamp.UtcDateTime, before.UtcDateTime, TimeProvider.System.GetUtcNow().UtcDateTime));
    }

    private KafkaTransport Transport() =>
        new(new KafkaOptions { Servers = fixture.Server.Address, CreatesTopics = false });

    private static Message CreateMessage(
        string key, ReadOnlyMemory<byte> body, params (string Name, string Value)[] headers) =>
        new()
        {
            Id = "1",
            Type = "order.placed",
            Key = key,
            Body = body,
            ContentType = "text/plain",
            Headers = headers.ToDictionary(header => header.Name, header => header.Value),
        };

    private static IEnumerable<(string Name, string Value)> HeadersOf(Message message)
    {
        var written = new List<(string, string)>
        {
            ("ce_specversion", "1.0"), ("ce_id", message.Id), ("ce_source", message.Source), ("ce_type", message.Type),
            ("ce_partitionkey", message.Key),
        };
        foreach (var (name, value) in message.Headers)
            written.Add((name is "content-type" or "header_a" ? $"header_{name}" : name, value));
        written.Add(("content-type", message.ContentType));
        return written.Select(header => (header.Item1, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(header.Item2))));
    }

    private Dictionary<string, Message<byte[], byte[]>> Read(int count) =>
        ReadAll(count).ToDictionary(record => IdOf(record.Message), record => record.Message);

    private static string IdOf(Message<byte[], byte[]> message) =>
        Encoding.UTF8.GetString(message.Headers.GetLastBytes("ce_id"));

    private List<ConsumeResult<byte[], byte[]>> ReadAll(int count)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = fixture.Server.Address,
            GroupId = $"{_topic}-readers",
            AutoOffsetReset = AutoOffsetReset.Earliest,
        }).Build();
        consumer.Subscribe(_topic);
        var records = new List<ConsumeResult<byte[], byte[]>>();
        while (records.Count < count)
            records.Add(
                consumer.Consume(WaitTimeout)
                ?? throw new InvalidOperationException($"Only {records.Count} records arrived."));
        consumer.Close();
        return records;
    }
}
