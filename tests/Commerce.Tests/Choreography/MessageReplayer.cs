using System.Collections.Concurrent;
using Commerce.Choreography;
using Commerce.Choreography.Inventory;
using Commerce.Choreography.Orders;
using Commerce.Choreography.Payments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;

namespace Commerce.Tests.Choreography;

/// <summary>
/// A client at the broker that receives every message, and immediately publishes it again both unchanged and with an
/// unknown id. On request, the client publishes all messages in reverse order.
/// </summary>
internal sealed class MessageReplayer : IAsyncDisposable
{
    private const string Mark = "again-";
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    private readonly ConcurrentQueue<(string Topic, Message Message)> _received = new();
    private readonly IHost _host;
    private readonly Transports _transports;

    private MessageReplayer(string broker, string address)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => (broker == "redis"
                ? millrace.UseRedis(address, Subscribe)
                : millrace.UseRabbitMq(address, Subscribe))
            .UseInMemory()
            .AddModel<Trade>());
        _host = builder.Build();
        _transports = _host.Services.GetRequiredService<Transports>();
    }

    /// <summary>Connects the replayer.</summary>
    public static async Task<MessageReplayer> Start(string broker, string address)
    {
        var replayer = new MessageReplayer(broker, address);
        await replayer._host.StartAsync();
        await Eventually.Until(
            () => replayer._transports.List().All(connection => connection.State == TransportState.Connected),
            WaitTimeout);
        return replayer;
    }

    /// <summary>Publishes a message that no service has sent.</summary>
    public async Task PublishMessage(string topic, Message message)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        await _transports.Publish(_transports.List().Single().Name, topic, message, limit.Token);
    }

    /// <summary>Publishes all messages again, in reverse order, with unknown ids.</summary>
    public async Task ReplayInReverse()
    {
        foreach (var (topic, message) in _received.Reverse())
            await PublishMessage(topic, message with { Id = $"backwards-{Mark}{message.Id}" });
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private void Subscribe(TransportBuilder transport)
    {
        transport
            .Receive(
                "echo-of-orders",
                Topics.Orders,
                receiver =>
                    receiver
                        .Handle<OrderSubmitted>(Repeat)
                        .Handle<OrderPaymentRequested>(Repeat)
                        .Handle<OrderPaid>(Repeat)
                        .Handle<OrderPaymentFailed>(Repeat)
                        .Handle<OrderCancelled>(Repeat))
            .Receive(
                "echo-of-inventory",
                Topics.Inventory,
                receiver =>
                    receiver
                        .Handle<InventoryReserved>(Repeat)
                        .Handle<InventoryReservationFailed>(Repeat)
                        .Handle<InventoryCommitted>(Repeat)
                        .Handle<ProductStockChanged>(Repeat))
            .Receive(
                "echo-of-payments",
                Topics.Payments,
                receiver => receiver.Handle<PaymentProcessed>(Repeat).Handle<PaymentFailed>(Repeat));

        async ValueTask Repeat(object fact, MessageContext context, CancellationToken cancellationToken)
        {
            if (context.Message.Id.Contains(Mark, StringComparison.Ordinal))
                return;
            var message = context.Message with { Body = context.Message.Body.ToArray() };
            var topic = fact.GetType().Namespace switch
            {
                "Commerce.Choreography.Orders" => Topics.Orders,
                "Commerce.Choreography.Inventory" => Topics.Inventory,
                _ => Topics.Payments,
            };
            _received.Enqueue((topic, message));
            await _transports.Publish(transport.Name, topic, message, cancellationToken);
            await _transports.Publish(
                transport.Name,
                topic,
                message with
                {
                    Id = Mark + message.Id,
                },
                cancellationToken);
        }
    }
}
