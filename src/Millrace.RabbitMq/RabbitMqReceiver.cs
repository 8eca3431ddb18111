using Millrace.Messaging;
using Millrace.Shared.Transports;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.RabbitMq;

/// <summary>
/// A channel that receives the messages of a queue. A message that its handler returns stays in this receiver, which
/// delivers it again in its original order.
/// </summary>
internal sealed class RabbitMqReceiver : IReceiver
{
    private readonly Lock _lock = new();
    private readonly DeliveryQueue<ulong, RabbitMqDelivery> _waiting = new();
    // The numbers of all unacknowledged messages: those that wait here, and those in flight.
    private readonly OpenSequenceNumbers _open = new();
    private readonly IChannel _channel;
    private readonly Subscription _subscription;
    private TaskCompletionSource _changed = NewSignal();
    private string? _broken;

    private RabbitMqReceiver(IChannel channel, Subscription subscription)
    {
        _channel = channel;
        _subscription = subscription;
    }

    public static async Task<RabbitMqReceiver> Open(
        IConnection connection, Subscription subscription, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        var receiver = new RabbitMqReceiver(channel, subscription);
        try
        {
            await receiver.Begin(cancellationToken).ConfigureAwait(false);
            return receiver;
        }
        catch
        {
            await receiver.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<IReadOnlyList<Delivery>> Take(int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCount, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_lock)
            {
                RequireOpen();
                if (_waiting.Count > 0)
                    return _waiting.Take(maxCount);
                if (_changed.Task.IsCompleted)
                    _changed = NewSignal();
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var done = new List<ulong>(deliveries.Count);
        var through = 0UL;
        var single = new List<ulong>();
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var tag = ((RabbitMqDelivery)delivery).Tag;
                if (_open.Finish((long)tag))
                    done.Add(tag);
            }
            var open = (ulong)(_open.First ?? long.MaxValue);
            foreach (var tag in done)
            {
                // One call acknowledges all messages before the first open one.
                if (tag < open)
                    through = Math.Max(through, tag);
                else
                    single.Add(tag);
            }
        }
        return BrokerFailure.ConvertErrors(() => Acknowledge(through, single, cancellationToken), cancellationToken);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var rabbitDelivery = (RabbitMqDelivery)delivery;
                if (_open.Contains((long)rabbitDelivery.Tag))
                    _waiting.TryAdd(
                        rabbitDelivery.Tag,
                        new RabbitMqDelivery(
                            rabbitDelivery.Tag, rabbitDelivery.Message, rabbitDelivery.Problem, mayBeRepeated: true));
            }
            _changed.TrySetResult();
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Break("the connection was closed.");
        try
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            // The channel is already closed.
        }
    }

    private async Task Begin(CancellationToken cancellationToken)
    {
        _channel.ChannelShutdownAsync += (_, reason) =>
        {
            Break(BrokerFailure.Describe(reason));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivered) => Received(delivered);
        consumer.UnregisteredAsync += (_, _) =>
        {
            Break("the broker has cancelled the subscription: its queue may have been deleted.");
            return Task.CompletedTask;
        };
        await _channel
            .BasicQosAsync(
                0, (ushort)Math.Clamp(_subscription.Prefetch, 1, ushort.MaxValue), global: false, cancellationToken)
            .ConfigureAwait(false);
        await _channel
            .BasicConsumeAsync(_subscription.Name, autoAck: false, consumer, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Accepts every message of the queue, even of types that the subscription does not request. A newer version on
    /// another node may have bound such a type, and its messages were confirmed to their publisher.
    /// </summary>
    private Task Received(BasicDeliverEventArgs delivered)
    {
        var (message, problem) = MessageHeaders.Read(delivered);
        lock (_lock)
        {
            if (_broken is not null)
                return Task.CompletedTask;
            _open.Add((long)delivered.DeliveryTag);
            _waiting.TryAdd(
                delivered.DeliveryTag,
                new RabbitMqDelivery(delivered.DeliveryTag, message, problem, delivered.Redelivered));
            _changed.TrySetResult();
        }
        return Task.CompletedTask;
    }

    private async Task Acknowledge(ulong through, List<ulong> single, CancellationToken cancellationToken)
    {
        if (through > 0)
            await _channel.BasicAckAsync(through, multiple: true, cancellationToken).ConfigureAwait(false);
        foreach (var tag in single)
            await _channel.BasicAckAsync(tag, multiple: false, cancellationToken).ConfigureAwait(false);
    }

    private void Break(string problem)
    {
        lock (_lock)
        {
            _broken ??= problem;
            _waiting.Clear();
            _open.Clear();
            _changed.TrySetResult();
        }
    }

    private void RequireOpen()
    {
        if (_broken is { } problem)
            throw new TransportUnavailableException(RabbitMqTransport.Name, problem);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
