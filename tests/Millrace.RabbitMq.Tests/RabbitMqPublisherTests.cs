using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.RabbitMq.Tests;

public sealed class RabbitMqPublisherTests
{
    private const string Publisher = "publish.rabbitmq";

    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string _destination = $"orders-{Guid.NewGuid():N}";

    [RabbitMqFact]
    public async Task Events_are_published_to_a_topic_exchange_with_their_type_as_routing_key()
    {
        var server = await RabbitMqServer.Shared;
        await using var connection = await new ConnectionFactory { Uri = new Uri(server.Uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(_destination, ExchangeType.Topic, durable: true);
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.QueueBindAsync(queue, _destination, "order.*");
        await using var node = await Node.Start(
            millrace => millrace.UseRabbitMq(server.Uri, rabbit => rabbit.Publish<Placed>(_destination)));

        await node.Store.Place("7");

        var received = await Eventually.Get(
            () => channel.BasicGetAsync(queue, autoAck: true), static result => result is not null);
        var header = (byte[])received!.BasicProperties.Headers!["cloudEvents_subject"]!;
        Assert.Equal("order.placed", received.RoutingKey);
        Assert.Equal("order-7", System.Text.Encoding.UTF8.GetString(header));
        Assert.True(received.BasicProperties.Persistent);
    }

    [RabbitMqFact]
    public async Task An_application_starts_without_a_broker_and_connects_when_the_broker_is_available()
    {
        await using var proxy = new TcpProxy((await RabbitMqServer.Shared).Port);
        proxy.Cut();
        await using var node = await Node.Start(millrace =>
            millrace.UseRabbitMq($"amqp://127.0.0.1:{proxy.Port}", rabbit => rabbit.PublishAll(_destination))
        );
        for (var i = 0; i < 50; i++)
            await node.Store.Place($"{i % 5}", i);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Unavailable);

        await using var orders = await Subscribe();
        proxy.Restore();

        var ids = new HashSet<string>();
        while (ids.Count < 50) // A message that is not confirmed in time is delivered twice.
            ids.UnionWith((await orders.Take(1)).Select(item => item.Id));
        await node.WaitUntilFinished(Publisher);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected);
    }

    [RabbitMqFact]
    public async Task A_connection_that_breaks_repeatedly_loses_no_message_and_keeps_the_order_of_streams()
    {
        await using var proxy = new TcpProxy((await RabbitMqServer.Shared).Port);
        await using var orders = await Subscribe();
        await using var node = await Node.Start(millrace =>
            millrace.UseRabbitMq(
                $"amqp://127.0.0.1:{proxy.Port}",
                rabbit => rabbit.PublishAll(_destination).Configure(options => options.BatchMessages = 20)));
        for (var i = 0; i < 600; i++)
        {
            await node.Store.Place($"{i % 10}", i);
            if (i % 100 != 50)
                continue;
            proxy.Cut();
            proxy.Restore();
        }

        var ids = new HashSet<string>();
        var firsts = new List<Message>();
        while (firsts.Count < 600)
            firsts.AddRange((await orders.Take(1)).Where(item => ids.Add(item.Id)));

        var inLog = await node.Store.ReadLog(EventFilter.All).ToListAsync();
        Assert.All(inLog.GroupBy(item => item.Stream.Value), ofKey => Assert.Equal(
            ofKey.Select(item => item.Id.ToString()),
            firsts.Where(item => item.Key == ofKey.Key).Select(item => item.Id)));
    }

    [RabbitMqFact]
    public async Task The_address_can_come_from_the_configuration()
    {
        var server = await RabbitMqServer.Shared;
        await using var orders = await Subscribe();
        await using var node = await Node.Start(
            millrace => millrace.UseRabbitMq("amqp://nowhere.invalid", rabbit => rabbit.PublishAll(_destination)),
            settings: new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:Uri"] = server.Uri });

        await node.Store.Place("7");

        Assert.Equal("order.placed", (await orders.Take(1)).Single().Type);
    }

    [Theory]
    [InlineData("localhost", "Uri")]
    [InlineData("http://localhost", "Uri")]
    public void An_address_that_is_invalid_is_refused(string uri, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() => new RabbitMqTransport(new RabbitMqOptions { Uri = uri }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [RabbitMqFact]
    public async Task An_existing_exchange_of_another_type_is_reported()
    {
        var server = await RabbitMqServer.Shared;
        await using var connection = await new ConnectionFactory { Uri = new Uri(server.Uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.ExchangeDeclareAsync(_destination, ExchangeType.Fanout, durable: true);
        await using var transport = new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri });

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(
            () => transport.Declare(new TransportTopology([_destination], []), Cancel).AsTask());

        Assert.Contains("inequivalent arg 'type'", refused.Message, StringComparison.Ordinal);
    }

    private async Task<Listener> Subscribe()
    {
        var transport = new RabbitMqTransport(new RabbitMqOptions { Uri = (await RabbitMqServer.Shared).Uri });
        var subscription = new Subscription($"test-{_destination}", _destination);
        await transport.Declare(new TransportTopology([_destination], [subscription]), Cancel);
        return new Listener(await transport.Receive(subscription, Cancel));
    }
}
