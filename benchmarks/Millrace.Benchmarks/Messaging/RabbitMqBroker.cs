using System.Threading.Channels;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Storages;
using Millrace.Messaging;
using Millrace.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Servers;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// RabbitMQ as a private server, and the bare RabbitMQ.Client for comparison. The bare code waits for confirms once per
/// batch.
/// </summary>
internal sealed class RabbitMqBroker : IBenchBroker
{
    private const int Batch = 1_000;
    private const string Json = "application/json";

    private RabbitMqServer? _server;
    private IConnection? _connection;

    public string Name => RabbitMqTransport.Name;

    private RabbitMqServer Server => _server ?? throw IBenchBroker.Unprepared();

    private IConnection Connection => _connection ?? throw IBenchBroker.Unprepared();

    public async Task Prepare(string destination, int messages)
    {
        _server ??= await RabbitMqServer.Start();
        _connection ??= await new ConnectionFactory { Uri = new Uri(_server.Uri) }.CreateConnectionAsync();
    }

    public void Connect(MillraceBuilder millrace, Action<TransportBuilder> configure) =>
        millrace.UseRabbitMq(Server.Uri, configure);

    public ITransport NewTransport() => new RabbitMqTransport(new RabbitMqOptions { Uri = Server.Uri });

    public Task<Round> PublishBodies(Subscription subscription, int count) =>
        Publish(
            subscription.Destination,
            count,
            static i =>
                (
                    new BasicProperties
                    {
                        MessageId = Guid.CreateVersion7().ToString(),
                        ContentType = Json,
                        Persistent = true,
                    },
                    SampleLines.Instance.Payload(SampleLines.KeyOf(i))));

    public Task<Round> PublishEvents(Subscription subscription, PendingEvent[] events) =>
        Publish(subscription.Destination, events.Length, i => (PropertiesOf(events[i]), events[i].Body));

    public async Task<Round> ReceiveBare(Subscription subscription, int count, IRowWriter rows)
    {
        await using var channel = await Connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, Batch, global: false);
        var deliveries = Channel.CreateUnbounded<(ulong Tag, string Id, byte[] Body)>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
            // Each message has an id, so it is not null.
            await deliveries.Writer.WriteAsync(
                (delivery.DeliveryTag, delivery.BasicProperties.MessageId!, delivery.Body.ToArray()));
        return await Round.Measure(async begin =>
        {
            await channel.BasicConsumeAsync(subscription.Name, autoAck: false, consumer);
            var batch = new List<(string Id, ReadOnlyMemory<byte> Body)>(Batch);
            for (var done = 0; done < count; done += batch.Count)
            {
                batch.Clear();
                await deliveries.Reader.WaitToReadAsync();
                if (done == 0)
                    begin();
                var last = 0UL;
                while (batch.Count < Batch && deliveries.Reader.TryRead(out var delivery))
                {
                    batch.Add((delivery.Id, delivery.Body));
                    last = delivery.Tag;
                }
                await rows.Write(batch);
                await channel.BasicAckAsync(last, multiple: true);
            }
            return ((long)count, (Latencies?)null);
        });
    }

    public async Task Drop(Subscription subscription)
    {
        await using var channel = await Connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(subscription.Name);
        await channel.ExchangeDeleteAsync(subscription.Destination);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>
    /// Publishes and counts confirms. The client can also track confirms with a task for each message, but that is
    /// slower.
    /// </summary>
    private async Task<Round> Publish(
        string exchange, int count, Func<int, (BasicProperties Properties, byte[] Body)> messageOf)
    {
        var options = new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false);
        await using var channel = await Connection.CreateChannelAsync(options);
        var confirmed = Channel.CreateUnbounded<ulong>();
        channel.BasicAcksAsync += async (_, acked) => await confirmed.Writer.WriteAsync(acked.DeliveryTag);
        return await Round.Measure(async () =>
        {
            var last = 0UL;
            for (var sent = 0; sent < count;)
            {
                for (var end = Math.Min(count, sent + Batch); sent < end; sent++)
                {
                    var (properties, body) = messageOf(sent);
                    await channel.BasicPublishAsync(exchange, SampleLines.EventType, mandatory: true, properties, body);
                }
                // A confirm applies to one message or to all messages up to a number. The confirm of the batch's last
                // message is not always the last confirm.
                while (last < (ulong)sent)
                    last = Math.Max(last, await confirmed.Reader.ReadAsync());
            }
            return ((long)count, (Latencies?)null);
        });
    }

    private static BasicProperties PropertiesOf(in PendingEvent pending)
    {
        var id = pending.Id.ToString();
        return new BasicProperties
        {
            MessageId = id,
            ContentType = Json,
            Persistent = true,
            Headers = new Dictionary<string, object?>
            {
                ["cloudEvents_specversion"] = "1.0",
                ["cloudEvents_id"] = id,
                ["cloudEvents_source"] = CloudEventNames.NoSource,
                ["cloudEvents_type"] = SampleLines.EventType,
                ["cloudEvents_subject"] = pending.Stream,
                ["cloudEvents_time"] = pending.TimeText,
            },
        };
    }
}
