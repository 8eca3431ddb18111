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
/// Kafka, and the bare Confluent.Kafka client for comparison. The broker is a mock of librdkafka, which runs in this
/// process and speaks Kafka's protocol over TCP. It writes nothing to disk and does not replicate, so the benchmark
/// compares only the two clients.
/// </summary>
internal sealed class KafkaBroker : IBenchBroker
{
    private const int Batch = 1_000;
    private const string IdHeader = "ce_id"; // The header of the CloudEvents binding for Kafka.
    private const int MinPartitions = 6; // The same number as in an application.
    private const int MaxMessagesPerPartition = 5_000; // The broker stores the last 5 MB of each partition.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan QueueFullWait = TimeSpan.FromMilliseconds(1);

    // This broker answers an empty fetch only after this time, even when messages arrive earlier. A real Kafka broker
    // answers as soon as messages arrive.
    private static readonly TimeSpan FetchWait = TimeSpan.FromMilliseconds(5);

    // Each round has a new server, because a server keeps its data in memory and does not remove topics.
    private KafkaServer? _server;

    public string Name => KafkaTransport.Name;

    public string? Caveat =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Receivers use a FetchWait of {FetchWait.TotalMilliseconds} ms (500 by default), because this broker "
                + $"reports new messages only after that time. A Kafka broker reports them immediately.");

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
            options.CreatesTopics = false; // This broker does not support CreateTopics.
            options.FetchWait = FetchWait;
        });

    public ITransport NewTransport() =>
        new KafkaTransport(new KafkaOptions { Servers = Server.Address, CreatesTopics = false });

    public Task<Round> PublishBodies(Subscription subscription, int count) =>
        Publish(subscription.Destination, count, static i => MessageOf(SampleLines.KeyOf(i)));

    public Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events) =>
        Publish(subscription.Destination, events.Length, i => RawKafkaRecord.Create(events[i]));

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
                    while (batch.Count < Batch && consumer.Consume(wait) is { } result)
                    {
                        if (done + batch.Count == 0)
                            begin();
                        batch.Add(
                            (Encoding.UTF8.GetString(result.Message.Headers.GetLastBytes(IdHeader)),
                                result.Message.Value));
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

    /// <summary>
    /// Gives all messages to the client, which sends them in batches, and waits for the confirmations at the end.
    /// </summary>
    private Task<Round> Publish(string topic, int count, Func<int, Message<byte[], byte[]>> messageOf) => Task.Run(() =>
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = Server.Address,
            Acks = Acks.All,
            DeliveryReportFields = "none",
            // The value that Millrace uses. The default of the client is different.
            LingerMs = new KafkaOptions().Linger.TotalMilliseconds,
        }).Build();
        var failed = 0;
        // Flush may return before the client has reported the last messages.
        using var awaited = new CountdownEvent(count + 1);
        producer.Produce(topic, messageOf(0), Confirm);
        producer.Flush(WaitTimeout); // Connects the producer before the measurement.
        return Round.Measure(() =>
        {
            for (var sent = 0; sent < count; sent++)
            {
                var message = messageOf(sent);
                while (!TryProduce(producer, topic, message, Confirm))
                    producer.Flush(QueueFullWait);
            }
            producer.Flush(WaitTimeout);
            return awaited.Wait(WaitTimeout) && failed == 0
                ? Task.FromResult(((long)count, (Latencies?)null))
                : throw new InvalidOperationException(
                    $"Of {count} messages, Kafka refused {failed} and did not report {awaited.CurrentCount}.");
        });

        void Confirm(DeliveryReport<byte[], byte[]> report) // The client calls this method on one thread.
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
