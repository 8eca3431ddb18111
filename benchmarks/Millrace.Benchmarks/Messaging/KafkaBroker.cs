using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Kafka;
using Millrace.Messaging;
using Servers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// A broker that speaks Kafka's protocol over TCP, made by librdkafka in this process; beside it the bare client. It
/// writes nothing to a disk, has no other brokers to wait for, and its processor time is this process's: what is
/// compared is the two clients.
/// </summary>
internal sealed class KafkaBroker : IBenchBroker
{
    private const int Batch = 1_000;
    private const string IdHeader = "ce_id"; // As CloudEvents are written over Kafka.
    private const int MinPartitions = 6; // As an application makes them.
    private const int MaxMessagesPerPartition = 5_000; // It keeps the last 5 MB of each.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    // It answers a request that finds nothing only when this is over, whatever comes meanwhile: a broker of Kafka
    // answers at once.
    private static readonly TimeSpan FetchWait = TimeSpan.FromMilliseconds(5);

    // One for each round: it keeps what it has in memory, and removes no topic.
    private KafkaServer? _server;

    public string Name => KafkaTransport.Name;

    public string? Caveat =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Receivers ask with a FetchWait of {FetchWait.TotalMilliseconds} ms (500 by default): this broker tells "
                + $"what is new only when that is over, where Kafka's own tell at once.");

    private KafkaServer Server => _server ?? throw IBenchBroker.Unprepared();

    public Task Prepare(string destination, int messages)
    {
        _server?.Dispose();
        _server = new KafkaServer();
        _server.Create(destination, Math.Max(MinPartitions, messages / MaxMessagesPerPartition));
        return Task.CompletedTask;
    }

    public void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure) =>
        millrace.UseKafka(Server.Address, configure, static options =>
        {
            options.CreatesTopics = false; // It knows no CreateTopics.
            options.FetchWait = FetchWait;
        });

    public ITransport NewTransport() =>
        new KafkaTransport(new KafkaOptions { Servers = Server.Address, CreatesTopics = false });

    public Task<Round> PublishBodies(Subscription subscription, int count) =>
        Publish(subscription.Destination, count, static i => MessageOf(SampleLines.KeyOf(i)));

    public Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events) =>
        Publish(subscription.Destination, events.Length, i => RawKafkaRecord.Of(events[i]));

    public Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows) =>
        Task.Run(() =>
            Round.Measure(async begin =>
            {
                using var consumer = new ConsumerBuilder<byte[], byte[]>(
                    new ConsumerConfig
                    {
                        BootstrapServers = Server.Address,
                        GroupId = subscription.Name,
                        EnableAutoCommit = false,
                        AutoOffsetReset = AutoOffsetReset.Earliest,
                        FetchWaitMaxMs = (int)FetchWait.TotalMilliseconds,
                        ConsumeResultFields = "headers",
                    }
                ).Build();
                consumer.Subscribe(subscription.Destination);
                var batch = new List<(string Id, ReadOnlyMemory<byte> Body)>(Batch);
                for (var done = 0; done < count; done += batch.Count)
                {
                    batch.Clear();
                    var wait = WaitTimeout;
                    while (batch.Count < Batch && consumer.Consume(wait) is { } come)
                    {
                        if (done + batch.Count == 0)
                            begin();
                        batch.Add(
                            (Encoding.UTF8.GetString(come.Message.Headers.GetLastBytes(IdHeader)), come.Message.Value));
                        wait = TimeSpan.Zero;
                    }
                    await rows.Write(batch);
                    consumer.Commit();
                }
                consumer.Close();
                return ((long)count, (Latencies?)null);
            })
        );

    public Task Drop(Subscription subscription) => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>All is handed to the client as it takes it, and waited for at the end: it
    /// makes its batches itself.</summary>
    private Task<Round> Publish(string topic, int count, Func<int, Message<byte[], byte[]>> messageOf) => Task.Run(() =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = Server.Address,
            Acks = Acks.All,
            DeliveryReportFields = "none",
            LingerMs = new KafkaOptions().Linger.TotalMilliseconds, // As Millrace: the bare client is no slower by it.
        }).Build();
        var failed = 0;
        using var awaited = new CountdownEvent(count + 1); // Flush may come back while the last reports are being told.
        producer.Produce(topic, messageOf(0), Confirm);
        producer.Flush(WaitTimeout); // It is connected.
        return Round.Measure(() =>
        {
            for (var sent = 0; sent < count; sent++)
            {
                var message = messageOf(sent);
                while (!TryProduce(producer, topic, message, Confirm))
                    producer.Flush(Moment);
            }
            producer.Flush(WaitTimeout);
            return awaited.Wait(WaitTimeout) && failed == 0
                ? Task.FromResult(((long)count, (Latencies?)null))
                : throw new InvalidOperationException(
                    $"Of {count} messages Kafka refused {failed}, and told nothing of {awaited.CurrentCount}.");
        });

        void Confirm(DeliveryReport<byte[], byte[]> report) // By one thread.
        {
            if (report.Error.IsError)
                failed++;
            awaited.Signal();
        }
    });

    private static Message<byte[], byte[]> MessageOf(int key) =>
        new() { Key = SampleLines.KeyTexts[key], Value = SampleLines.Instance.Payload(key) };

    private static bool TryProduce(
        IProducer<byte[], byte[]> producer,
        string topic,
        Message<byte[], byte[]> message,
        Action<DeliveryReport<byte[], byte[]>> confirm)
    {
        try
        {
            producer.Produce(topic, message, confirm);
            return true;
        }
        catch (ProduceException<byte[], byte[]> full) when (full.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false;
        }
    }
}
