using Millrace.Adapters;
using Millrace.Messaging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.RabbitMq;

/// <summary>A channel on which the messages of a queue come. What is returned is handed over again from here, in its
/// old place.</summary>
internal sealed class RabbitMqReceiver : IReceiver
{
    private readonly Lock _lock = new();
    private readonly DeliveryQueue<ulong, RabbitMqDelivery> _waiting = new();
    // All that the broker waits for: what waits here, and what is in hand.
    private readonly OpenSequenceNumbers _open = new();
    private readonly IChannel _channel;
    private readonly Subscription _subscription;
    private TaskCompletionSource _news = NewSignal();
    private string? _broken;

    private RabbitMqReceiver(IChannel channel, Subscription subscription) =>
        (_channel, _subscription) = (channel, subscription);

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

    public async ValueTask<IReadOnlyList<Delivery>> Take(int most, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task news;
            lock (_lock)
            {
                RequireOpen();
                if (_waiting.Count > 0)
                    return _waiting.Take(most);
                if (_news.Task.IsCompleted)
                    _news = NewSignal();
                news = _news.Task;
            }
            await news.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public ValueTask Acknowledge(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var done = new List<ulong>(deliveries.Count);
        var (through, alone) = (0UL, new List<ulong>());
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
                // All before the first that is open go in one word.
                if (tag < open)
                    through = Math.Max(through, tag);
                else
                    alone.Add(tag);
            }
        }
        return BrokerFailure.Told(() => Acknowledge(through, alone, cancellationToken), cancellationToken);
    }

    public ValueTask Return(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            RequireOpen();
            foreach (var delivery in deliveries)
            {
                var own = (RabbitMqDelivery)delivery;
                if (_open.Contains((long)own.Tag))
                    _waiting.TryAdd(
                        own.Tag, new RabbitMqDelivery(own.Tag, own.Message, own.Problem, mayBeRepeated: true));
            }
            _news.TrySetResult();
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        Break("the line was closed.");
        try
        {
            await _channel.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            // It is gone already.
        }
    }

    private async Task Begin(CancellationToken cancellationToken)
    {
        _channel.ChannelShutdownAsync += (_, reason) =>
        {
            Break(BrokerFailure.Say(reason));
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += (_, delivered) => Received(delivered);
        consumer.UnregisteredAsync += (_, _) =>
        {
            Break("the broker has ended the subscription: its queue may be gone.");
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
    /// Takes whatever the queue is bound for, also what the subscription does not ask for: it may be asked for by a
    /// newer version, on another node, and was confirmed to who published it.
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
            _news.TrySetResult();
        }
        return Task.CompletedTask;
    }

    private async Task Acknowledge(ulong through, List<ulong> alone, CancellationToken cancellationToken)
    {
        if (through > 0)
            await _channel.BasicAckAsync(through, multiple: true, cancellationToken).ConfigureAwait(false);
        foreach (var tag in alone)
            await _channel.BasicAckAsync(tag, multiple: false, cancellationToken).ConfigureAwait(false);
    }

    private void Break(string problem)
    {
        lock (_lock)
        {
            _broken ??= problem;
            _waiting.Clear();
            _open.Clear();
            _news.TrySetResult();
        }
    }

    private void RequireOpen()
    {
        if (_broken is { } problem)
            throw new TransportUnavailableException(RabbitMqTransport.Name, problem);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
