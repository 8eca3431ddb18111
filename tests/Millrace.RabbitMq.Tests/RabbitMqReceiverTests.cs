using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.RabbitMq.Tests;

public sealed class RabbitMqReceiverTests
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private readonly string _destination = $"orders-{Guid.NewGuid():N}";

    private string Receiver => $"billing-{_destination}";

    /// <summary>During a deployment, nodes of the older version still run.</summary>
    [RabbitMqTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_type_of_a_newer_version_is_not_lost_by_an_older_node(bool isIgnored)
    {
        var server = await RabbitMqServer.Shared;
        var (handled, settings) = (
            0, new Dictionary<string, string?> { ["Millrace:Messaging:rabbitmq:IgnoresUnknown"] = $"{isIgnored}" });
        await using var older = await Node.Start(
            millrace => millrace.UseRabbitMq(server.Uri, rabbit => rabbit.Receive(
                Receiver, _destination, receiver => receiver.Handle<Placed>((_, _, _) =>
                {
                    Interlocked.Increment(ref handled);
                    return ValueTask.CompletedTask;
                }))),
            settings: settings);
        await Eventually.Until(() => older.Transports.List().Single().State == TransportState.Connected, WaitTimeout);
        await using var newer = new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri });
        await newer.Declare(
            new TransportTopology(
                [],
                [new Subscription(Receiver, _destination) { Types = ["order.placed", "order.paid"] }]),
            Cancel);

        var outcomes = await newer.Publish(
            [Outgoing("1", "order.paid", """{"order":"7"}"""), Outgoing("2", "order.placed", "{}")], Cancel);

        Assert.All(outcomes, static outcome => Assert.True(outcome.IsConfirmed, outcome.Problem));
        await Eventually.Until(() => Volatile.Read(ref handled) == 1, WaitTimeout);
        if (isIgnored)
        {
            Assert.Equal(0, await older.DeadLetters.Count(new DeadLetterQuery()));
            return;
        }
        var letters = await Eventually.Get(
            async () => await older.DeadLetters.List(new DeadLetterQuery()),
            static letters => letters is [{ State: DeadLetterState.Parked }],
            WaitTimeout);
        Assert.Contains("no handler accepts 'order.paid'", letters[0].Message, StringComparison.Ordinal);
    }

    [RabbitMqFact]
    public async Task A_message_above_the_publish_limit_is_received()
    {
        const int Large = 70 * 1024 * 1024; // By default, the client closes the connection above 64 MiB.
        var uri = (await RabbitMqServer.Shared).Uri;
        await using var sender = new RabbitMqTransport(
            new RabbitMqOptions { Uri = uri, MaxBodyBytes = 128 * 1024 * 1024, UsesQuorumQueues = false });
        await using var transport = new RabbitMqTransport(new RabbitMqOptions { Uri = uri });
        var subscription = new Subscription(Receiver, _destination);
        await sender.Declare(new TransportTopology([_destination], [subscription]), Cancel);
        var message = new Message { Id = "1", Type = "order.placed", Body = new byte[Large] };

        var outcomes = await sender.Publish([new OutgoingMessage(_destination, message)], Cancel);

        Assert.True(outcomes[0].IsConfirmed, outcomes[0].Problem);
        await using var receiver = await transport.Receive(subscription, Cancel);
        using var limit = new CancellationTokenSource(WaitTimeout);
        var delivery = Assert.Single(await receiver.Take(1, limit.Token));
        Assert.Equal(Large, delivery.Message.Body.Length);
        await receiver.Acknowledge([delivery], Cancel);
    }

    [RabbitMqFact]
    public async Task A_receiver_skips_unreadable_messages_of_other_programs()
    {
        var server = await RabbitMqServer.Shared;
        var handled = 0;
        await using var node = await Node.Start(millrace =>
            millrace.UseRabbitMq(
                server.Uri,
                rabbit =>
                    rabbit.Receive(
                        Receiver,
                        _destination,
                        receiver =>
                            receiver
                                .OnUnreadable(UnreadableMessages.Skip)
                                .Handle<Placed>(
                                    (_, _, _) =>
                                    {
                                        Interlocked.Increment(ref handled);
                                        return ValueTask.CompletedTask;
                                    }
                                )
                    )
            )
        );
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);
        var factory = new RabbitMQ.Client.ConnectionFactory { Uri = new Uri(server.Uri) };
        await using var connection = await factory.CreateConnectionAsync(Cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);

        // Two messages without headers, one of them without a body.
        foreach (var body in (byte[][])[[], "hello"u8.ToArray()])
        {
            await channel.BasicPublishAsync(
                _destination, "order.placed", mandatory: false, new RabbitMQ.Client.BasicProperties(), body, Cancel);
        }
        await using var ours = new RabbitMqTransport(new RabbitMqOptions { Uri = server.Uri });
        await ours.Publish([Outgoing("1", "order.placed", ""), Outgoing("2", "order.placed", "{}")], Cancel);

        await Eventually.Until(() => Volatile.Read(ref handled) == 1, WaitTimeout);
        await Eventually.Until(() => node.Transports.List().Single().Receivers.Single().Skipped == 3, WaitTimeout);
        Assert.Equal(0, await node.DeadLetters.Count(new DeadLetterQuery()));
    }

    private OutgoingMessage Outgoing(string id, string type, string body) => new(_destination, new Message
    {
        Id = id,
        Type = type,
        Source = "shop",
        Subject = $"order-{id}",
        Body = System.Text.Encoding.UTF8.GetBytes(body),
    });
}
